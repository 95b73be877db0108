/** Types and texts of a stream that are known to run code when it is deserialized. */
import type { NrbfRecord, NrbfStream } from '../../../dissectors/nrbf/index.js';
import { eachText, streamFacts } from './streams.js';

/** Types that chains in public tools are made of. None belongs into a message between business objects. */
export const GADGETS: ReadonlySet<string> = new Set([
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
export const DELEGATE = 'System.DelegateSerializationHolder';
const CALLS_DELEGATES = /Comparer|Comparison|SortedSet|SortedList|PriorityQueue/;

/** XAML as a string inside another type makes objects too. */
const XAML = /<\s*(?:\w+:)?ObjectDataProvider\b/;

/** What makes a stream dangerous, and the record that does. */
export interface Gadget {
  readonly key: string;
  readonly what: string;
  readonly record: NrbfRecord;
}

/** Each kind that a stream has, once. */
export function gadgetsIn(stream: NrbfStream): Gadget[] {
  const found: Gadget[] = [];
  const { classes } = streamFacts(stream);
  for (const { name, record } of classes.values()) if (GADGETS.has(name)) found.push({ key: name, what: name, record });
  const holder = classes.get(DELEGATE);
  const caller = holder && [...classes.keys()].find((name) => CALLS_DELEGATES.test(name));
  if (holder !== undefined && caller !== undefined)
    found.push({ key: DELEGATE, what: `${DELEGATE} beside ${caller}`, record: holder.record });
  eachText(stream, (text, _member, record) => {
    if (!XAML.test(text)) return true;
    found.push({ key: 'XAML', what: 'XAML with an ObjectDataProvider as text', record });
    return false;
  });
  return found;
}
