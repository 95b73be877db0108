import type { Rule } from '../rule.js';
import { eachText, streamFacts, streamRange } from '../streams.js';

/** Types that chains in public tools are made of. None belongs into a message between business objects. */
const GADGETS: ReadonlySet<string> = new Set([
  'Microsoft.IdentityModel.Claims.WindowsClaimsIdentity',
  'Microsoft.IdentityModel.Tokens.SessionSecurityToken',
  'Microsoft.VisualStudio.Text.Formatting.TextFormattingRunProperties',
  'System.CodeDom.Compiler.CompilerResults',
  'System.CodeDom.Compiler.TempFileCollection',
  'System.Configuration.Install.AssemblyInstaller',
  'System.Data.DataSet',
  'System.Drawing.Design.ToolboxItemContainer',
  'System.IdentityModel.Tokens.SessionSecurityToken',
  'System.Management.Automation.PSObject',
  'System.Resources.ResourceSet',
  'System.Security.Claims.ClaimsIdentity',
  'System.Security.Claims.ClaimsPrincipal',
  'System.Security.Principal.WindowsIdentity',
  'System.Security.Principal.WindowsPrincipal',
  'System.Web.Security.RolePrincipal',
  'System.Web.UI.MobileControls.SessionViewState+SessionViewStateHistoryItem',
  'System.Windows.Data.ObjectDataProvider',
  'System.Windows.Forms.AxHost+State',
  'System.Workflow.ComponentModel.Serialization.ActivitySurrogateSelector',
  'System.Workflow.ComponentModel.Serialization.ActivitySurrogateSelector+ObjectSurrogate+ObjectSerializedRef',
]);

/** A delegate is deadly where something calls it while it is being made: a comparer of a sorted collection. */
const DELEGATE = 'System.DelegateSerializationHolder';
const CALLS_DELEGATES = /Comparer|Comparison|SortedSet|SortedList|PriorityQueue/;

/** XAML as a string inside another type makes objects too. */
const XAML = /<\s*(?:\w+:)?ObjectDataProvider\b/;

export const IOI_003: Rule = {
  id: 'IOI-003',
  title: 'A message names a type that is known to run code when it is deserialized',
  severity: 'critical',
  shows: 'A class record of an NRBF stream names a known gadget type, or a delegate beside a comparer.',
  why: 'Deserializing such a graph runs what its author chose, before the receiver sees an object. Public tools make these streams; this one is an attack, a test of one, or a program that cannot be told from it.',
  fix: 'Find out who sent it, and take the receiving process for compromised until shown otherwise. Close the path that carried it (IOI-001, IOI-002).',
  references: ['CWE-502', 'ysoserial.net'],
  cwe: ['CWE-502'],
  attack: ['T1210', 'T1059'],
  call({ streams, confidence, client, server }, report) {
    for (const { side, value: stream } of streams) {
      const { classes } = streamFacts(stream);
      const victim = side === 'request' ? server.address : client.address;
      for (const { name, record } of classes.values()) {
        if (!GADGETS.has(name)) continue;
        report({
          key: name,
          evidence: `${name} in what ${victim} deserializes`,
          bytes: streamRange(stream, record),
          side,
          confidence,
        });
      }
      const holder = classes.get(DELEGATE);
      const caller = holder && [...classes.keys()].find((name) => CALLS_DELEGATES.test(name));
      if (holder !== undefined && caller !== undefined)
        report({
          key: DELEGATE,
          // the same record, and more telling
          covers: { rule: 'IOI-004', key: DELEGATE },
          evidence: `${DELEGATE} beside ${caller} in what ${victim} deserializes`,
          bytes: streamRange(stream, holder.record),
          side,
          confidence,
        });
      eachText(stream, (text, _member, record) => {
        if (!XAML.test(text)) return true;
        report({
          key: 'XAML',
          evidence: `XAML with an ObjectDataProvider as text in what ${victim} deserializes`,
          bytes: streamRange(stream, record),
          side,
          confidence,
        });
        return false;
      });
    }
  },
};
