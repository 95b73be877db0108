// Graphs that Mono's BinaryFormatter writes and reads. `graphs.exe make DIR` serializes each into DIR/NAME.nrbf;
// `graphs.exe dump DIR` deserializes each DIR/NAME.nrbf and prints NAME, a tab and what it holds on one line.
using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Serialization;
using System.Runtime.Serialization.Formatters.Binary;
using System.Text;

namespace Enc {
  public enum Color { Red, Green = 5 }
  public enum Big : long { Much = 1L << 40 }
  public interface IThing { }
  [Serializable] public struct Pt { public int X; public double Y; }
  [Serializable] public struct Seg { public Pt From, To; public string Name; public decimal Weight; public Color Hue; }
  [Serializable] public struct Deep { public Seg A, B; public Bag Holder; public object Any; }
  [Serializable] public class Bag : IThing { public string Label; public object Content; public Bag Next; }
  [Serializable] public class Base { public int Number; }
  [Serializable] public class Derived : Base { public string More; }
  [Serializable] public class Hiding : Base { public new int Number; public Base Other; }
  [Serializable] public class Shape { public Seg S; public int Z; }
  [Serializable] public class Deeper { public Deep D; public Deep[] Many; public Big Size; public Color? Maybe; }
  [Serializable] public class Arrays {
    public Bag[] None = new Bag[0]; public Bag[] Nulls = new Bag[10]; public Base[] Bases = { new Derived { Number = 1, More = "d" } };
    public IThing[] Things = { new Bag { Label = "thing" }, null }; public Bag[][] Jagged = { new Bag[0], null, null, new Bag[] { null, new Bag() } };
    public Bag[,] Grid = new Bag[2, 3]; public Pt[] Points = { new Pt { X = 1 }, new Pt { Y = 2.5 } }; public Color[] Colors = { Color.Green, Color.Red };
    public int?[] Maybes = { 1, null, null, 4 }; public object[] Objects = { 1, "two", 3m, null, null, null, Color.Red, new Pt { X = 9 } };
  }

  static class Program {
    static Dictionary<string, object> All() {
      var all = new Dictionary<string, object>();
      all["shape"] = new Shape { S = new Seg { From = new Pt { X = 1, Y = 2.5 }, To = new Pt { X = 3, Y = 4.5 }, Name = "s", Weight = 1.50m, Hue = Color.Green }, Z = 7 };
      var hiding = new Hiding { Number = 9, Other = new Hiding { Number = -1 } };
      ((Base)hiding).Number = 4;
      all["hiding"] = hiding;
      all["hidings"] = new List<Base> { hiding };
      var bag = new Bag { Label = "shared" };
      bag.Next = bag;
      var seg = new Seg { From = new Pt { X = -1 }, Name = "deep" };
      var deep = new Deep { A = seg, B = seg, Holder = bag, Any = new Pt { X = 11, Y = 12 } };
      all["deeper"] = new Deeper { D = deep, Many = new[] { deep, new Deep(), deep }, Size = Big.Much, Maybe = Color.Green };
      all["deeper-null"] = new Deeper();
      all["arrays"] = new Arrays();
      var grid = new object[3, 4];
      grid[1, 1] = 7; grid[2, 3] = "end"; grid[0, 2] = bag;
      all["grid"] = grid;
      var bags = new Bag[2, 2];
      bags[1, 0] = bag;
      all["bags"] = bags;
      all["strings2"] = new string[,] { { null, "a", null }, { null, null, "b" } };
      all["cube"] = new object[2, 1, 3];
      all["points2"] = new Pt[,] { { new Pt { X = 1 }, new Pt { X = 2 } } };
      all["segs"] = new[] { seg, new Seg(), seg };
      all["ints2"] = new int[,] { { 1, 2 }, { 3, 4 } };
      var offset = Array.CreateInstance(typeof(object), new[] { 2, 3 }, new[] { 1, -1 });
      offset.SetValue("x", 2, 1);
      all["offset"] = offset;
      all["jagged"] = new int[][] { new[] { 1 }, null, null, new int[0] };
      all["jagged-objects"] = new object[][] { new object[] { null, null, 1 }, null, null, null, new object[0] };
      all["jagged-grids"] = new int[][,] { new int[,] { { 1 }, { 2 } }, null };
      all["empty"] = new Bag[0];
      all["nulls"] = new Bag[10];
      all["many-nulls"] = new object[700];
      all["bases"] = new Base[] { null, new Derived { More = "x" }, null, null };
      all["list-empty"] = new List<Bag>();
      all["list"] = new List<Base> { new Base { Number = 1 }, null, null, new Derived { Number = 2, More = "m" } };
      all["list-structs"] = new List<Seg> { seg, seg };
      all["dictionary"] = new Dictionary<string, Seg> { { "a", seg }, { "b", new Seg() } };
      all["dictionary-bags"] = new Dictionary<Color, Bag> { { Color.Red, bag }, { Color.Green, null } };
      all["hashtable"] = new Hashtable { { "k", 1 }, { 2, new Pt { X = 3 } } };
      all["queue"] = new Queue<Bag>(new[] { bag, null, bag });
      all["decimals"] = new[] { decimal.MaxValue, decimal.MinValue, 1.00m, -0.5m, 0.0000000000000000000000000001m, 0m };
      all["dates"] = new object[] { new DateTime(2026, 11, 25, 1, 2, 3, DateTimeKind.Utc), new DateTime(1, 1, 1), DateTime.MaxValue, TimeSpan.MinValue, Guid.Empty, new Version(1, 2, 3, 4) };
      all["primitives"] = new object[] { true, (byte)255, (sbyte)-1, 'x', 1.5, 2.5f, short.MinValue, int.MaxValue, long.MinValue, ushort.MaxValue, uint.MaxValue, ulong.MaxValue, double.NaN, double.NegativeInfinity, -0.0 };
      object boxed = new Seg { Name = "boxed" };
      all["boxed"] = new object[] { boxed, boxed, Color.Green, Big.Much, new KeyValuePair<string, Pt>("p", new Pt { X = 5 }) };
      all["tuple"] = Tuple.Create(1, "two", new Pt { X = 3 }, bag);
      all["exception"] = new InvalidOperationException("boom", new ArgumentException("inner"));
      all["text"] = new Bag { Label = "é \u0000 漢 😀", Content = new string('x', 300) };
      return all;
    }

    static void Main(string[] args) {
      if (args[0] == "make")
        foreach (var one in All())
          using (var file = File.Create(Path.Combine(args[1], one.Key + ".nrbf"))) new BinaryFormatter().Serialize(file, one.Value);
      else {
        var out_ = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false));
        var names = Directory.GetFiles(args[1], "*.nrbf");
        Array.Sort(names, StringComparer.Ordinal);
        foreach (var name in names) {
          string told;
          try {
            using (var file = File.OpenRead(name)) told = new Dumper().Dump(new BinaryFormatter().Deserialize(file));
          } catch (Exception e) {
            told = "! " + e.GetType().Name + ": " + e.Message.Replace('\n', ' ');
          }
          out_.Write(Path.GetFileNameWithoutExtension(name) + "\t" + told + "\n");
        }
        out_.Flush();
      }
    }
  }

  sealed class Same : IEqualityComparer<object> {
    bool IEqualityComparer<object>.Equals(object a, object b) { return ReferenceEquals(a, b); }
    int IEqualityComparer<object>.GetHashCode(object o) { return RuntimeHelpers.GetHashCode(o); }
  }

  // All fields of all objects; an object that was met before is its number.
  sealed class Dumper {
    readonly Dictionary<object, int> met = new Dictionary<object, int>(new Same());
    readonly StringBuilder to = new StringBuilder();

    public string Dump(object o) { One(o, 0); return to.ToString(); }

    void One(object o, int depth) {
      if (o == null) { to.Append("null"); return; }
      var type = o.GetType();
      if (o is string) { to.Append('"').Append(Uri.EscapeDataString((string)o)).Append('"'); return; }
      if (type.IsPrimitive || o is decimal || type.IsEnum) {
        to.Append(type.FullName).Append(' ').Append(o is double ? BitConverter.DoubleToInt64Bits((double)o).ToString("x") : Convert.ToString(type.IsEnum ? Convert.ChangeType(o, Enum.GetUnderlyingType(type)) : o, System.Globalization.CultureInfo.InvariantCulture).Replace("\0", "\\0"));
        if (o is decimal) to.Append(" /").Append(string.Join(",", decimal.GetBits((decimal)o)));
        return;
      }
      if (o is DateTime) { to.Append("DateTime ").Append(((DateTime)o).Ticks).Append(' ').Append(((DateTime)o).Kind); return; }
      if (o is Type || o is Delegate || o is MemberInfo) { to.Append(o.ToString()); return; }
      if (!type.IsValueType) {
        int number;
        if (met.TryGetValue(o, out number)) { to.Append('#').Append(number); return; }
        met[o] = met.Count;
      }
      if (depth > 300) { to.Append("..."); return; }
      to.Append(type.FullName);
      var array = o as Array;
      var map = o as IDictionary;
      if (array != null) {
        for (var d = 0; d < array.Rank; d++) to.Append('[').Append(array.GetLowerBound(d)).Append(':').Append(array.GetLength(d)).Append(']');
        to.Append('{');
        foreach (var element in array) { One(element, depth + 1); to.Append(", "); }
      } else if (map != null) {
        to.Append('{');
        foreach (DictionaryEntry entry in map) { One(entry.Key, depth + 1); to.Append(": "); One(entry.Value, depth + 1); to.Append(", "); }
      } else {
        to.Append('{');
        for (var at = type; at != null && at != typeof(object); at = at.BaseType)
          foreach (var field in at.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)) {
            if (field.FieldType.IsPointer || field.IsNotSerialized) continue;
            to.Append(field.Name).Append('=');
            One(field.GetValue(o), depth + 1);
            to.Append(", ");
          }
      }
      to.Append('}');
    }
  }
}
