/**
 * Members of classes of the system library that travel in remoting and in exceptions, for streams without type
 * information. Only what is raw on the wire matters; everything else is a record and says itself what it is.
 */

type Members = Readonly<Record<string, string>>;

const I = 'System.Int32';
const S = 'System.String';
const O = 'System.Object';
const B = 'System.Boolean';

const EXCEPTION: Members = {
  ClassName: S,
  Message: S,
  Data: O,
  InnerException: O,
  HelpURL: S,
  StackTraceString: S,
  RemoteStackTraceString: S,
  RemoteStackIndex: I,
  ExceptionMethod: S,
  HResult: I,
  Source: S,
  WatsonBuckets: O,
  // Subclasses that add members of their own.
  ParamName: S,
  ActualValue: O,
  FileNotFound_FileName: S,
  FileNotFound_FusionLog: S,
  FileLoad_FileName: S,
  FileLoad_FusionLog: S,
  BadImageFormat_FileName: S,
  BadImageFormat_FusionLog: S,
  ObjectName: S,
  NativeErrorCode: I,
  InnerExceptions: O,
  TypeLoadClassName: S,
  TypeLoadAssemblyName: S,
  TypeLoadMessageArg: S,
  TypeLoadResourceID: I,
  MMClassName: S,
  MMMemberName: S,
  MMSignature: O,
  Types: O,
  Exceptions: O,
};

const TYPES: Readonly<Record<string, Members>> = {
  'System.Boolean': { m_value: B },
  'System.Byte': { m_value: 'System.Byte' },
  'System.SByte': { m_value: 'System.SByte' },
  'System.Char': { m_value: 'System.Char' },
  'System.Int16': { m_value: 'System.Int16' },
  'System.UInt16': { m_value: 'System.UInt16' },
  'System.Int32': { m_value: I },
  'System.UInt32': { m_value: 'System.UInt32' },
  'System.Int64': { m_value: 'System.Int64' },
  'System.UInt64': { m_value: 'System.UInt64' },
  'System.Single': { m_value: 'System.Single' },
  'System.Double': { m_value: 'System.Double' },
  'System.IntPtr': { value: 'System.Int64' },
  'System.UIntPtr': { value: 'System.UInt64' },
  'System.Decimal': { flags: I, hi: I, lo: I, mid: I },
  'System.DateTime': { ticks: 'System.Int64', dateData: 'System.UInt64' },
  'System.TimeSpan': { _ticks: 'System.Int64' },
  'System.DateTimeOffset': { DateTime: 'System.DateTime', OffsetMinutes: 'System.Int16' },
  'System.Guid': {
    _a: I,
    _b: 'System.Int16',
    _c: 'System.Int16',
    _d: 'System.Byte',
    _e: 'System.Byte',
    _f: 'System.Byte',
    _g: 'System.Byte',
    _h: 'System.Byte',
    _i: 'System.Byte',
    _j: 'System.Byte',
    _k: 'System.Byte',
  },
  'System.Version': { _Major: I, _Minor: I, _Build: I, _Revision: I },
  'System.Uri': { AbsoluteUri: S, RelativeUri: S },
  'System.Text.StringBuilder': { m_MaxCapacity: I, Capacity: I, m_StringValue: S, m_currentThread: I },
  'System.UnitySerializationHolder': { Data: S, UnityType: I, AssemblyName: S },
  'System.DelegateSerializationHolder': { Delegate: O, target0: O, method0: O },
  'System.DelegateSerializationHolder+DelegateEntry': {
    type: S,
    assembly: S,
    target: O,
    targetTypeAssembly: S,
    targetTypeName: S,
    methodName: S,
    delegateEntry: O,
  },
  'System.Reflection.MemberInfoSerializationHolder': {
    Name: S,
    AssemblyName: S,
    ClassName: S,
    Signature: S,
    Signature2: S,
    MemberType: I,
    GenericArguments: O,
  },
  'System.Collections.DictionaryEntry': { _key: O, _value: O },
  'System.Collections.Hashtable': {
    LoadFactor: 'System.Single',
    Version: I,
    Comparer: O,
    HashCodeProvider: O,
    HashSize: I,
    KeyComparer: O,
    Keys: O,
    Values: O,
  },
  'System.Collections.ArrayList': { _items: O, _size: I, _version: I },
  'System.Collections.Queue': { _array: O, _head: I, _tail: I, _size: I, _growFactor: I, _version: I },
  'System.Collections.Stack': { _array: O, _size: I, _version: I },
  'System.Collections.BitArray': { m_array: O, m_length: I, _version: I },
  'System.Collections.SortedList': { keys: O, values: O, _size: I, version: I, comparer: O, keyList: O, valueList: O },
  'System.Collections.ListDictionaryInternal': { head: O, version: I, count: I },
  'System.Collections.ListDictionaryInternal+DictionaryNode': { key: O, value: O, next: O },
  'System.Runtime.Remoting.ObjRef': {
    uri: S,
    typeInfo: O,
    envoyInfo: O,
    channelInfo: O,
    objrefFlags: I,
    fIsMarshalled: I,
    serverIdentity: O,
    domainID: I,
  },
  'System.Runtime.Remoting.TypeInfo': { serverType: S, serverHierarchy: O, interfacesImplemented: O },
  'System.Runtime.Remoting.DynamicTypeInfo': {
    serverType: S,
    serverHierarchy: O,
    interfacesImplemented: O,
    typeInfo: O,
  },
  'System.Runtime.Remoting.ChannelInfo': { channelData: O },
  'System.Runtime.Remoting.EnvoyInfo': { envoySinks: O },
  'System.Runtime.Remoting.Channels.CrossAppDomainData': { _ContextID: O, _DomainID: I, _processGuid: S },
  'System.Runtime.Remoting.Channels.ChannelDataStore': { _channelURIs: O, _extraData: O },
  'System.Runtime.Remoting.Messaging.LogicalCallContext': {},
  'System.Runtime.Remoting.Messaging.CallContextRemotingData': { _logicalCallID: S },
  'System.Runtime.Remoting.Messaging.Header': {
    Name: S,
    Value: O,
    MustUnderstand: B,
    HeaderNamespace: S,
  },
  'System.Runtime.Remoting.Activation.ConstructionLevelActivator': {},
  'System.Runtime.Remoting.Activation.ContextLevelActivator': { m_NextActivator: O },
  'System.Globalization.CultureInfo': {
    m_isReadOnly: B,
    compareInfo: O,
    textInfo: O,
    numInfo: O,
    dateTimeInfo: O,
    calendar: O,
    m_dataItem: I,
    cultureID: I,
    m_name: S,
    m_useUserOverride: B,
  },
};

/** Structs of the system library, which .NET writes inline. */
const STRUCTS =
  /^System\.(Guid|Decimal|DateTime|TimeSpan|DateTimeOffset|IntPtr|UIntPtr|Collections\.DictionaryEntry|Collections\.Generic\.KeyValuePair`2.*)$/;

/** Whether an object is a value type, as far as its class and its members' names tell: an enum, or a well-known struct. */
export function isKnownStruct(className: string, members: readonly string[]): boolean {
  return (members.length === 1 && members[0] === 'value__') || STRUCTS.test(className);
}

/** A generic collection by its name without arguments. Keys and values of raw types stand in arrays and structs. */
const GENERIC: Readonly<Record<string, Members>> = {
  'System.Collections.Generic.List`1': { _items: O, _size: I, _version: I },
  'System.Collections.Generic.Dictionary`2': { Version: I, Comparer: O, HashSize: I, KeyValuePairs: O },
  'System.Collections.Generic.HashSet`1': { Version: I, Comparer: O, Capacity: I, Elements: O },
  'System.Collections.Generic.Stack`1': { _array: O, _size: I, _version: I },
  'System.Collections.Generic.Queue`1': { _array: O, _head: I, _tail: I, _size: I, _version: I },
};

/** The members of a system type, as far as it is known. A name that ends in Exception has those of Exception. */
export function lookUpSystemType(name: string): Members | undefined {
  if (Object.hasOwn(TYPES, name)) return TYPES[name];
  const tick = name.indexOf('[[');
  if (tick > 0 && Object.hasOwn(GENERIC, name.slice(0, tick))) return GENERIC[name.slice(0, tick)];
  if (name.startsWith('System.') && name.endsWith('Exception')) return EXCEPTION;
  return undefined;
}
