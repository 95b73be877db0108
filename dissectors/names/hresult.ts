/**
 * HRESULTs (MS-ERREF 2.1), status codes of faults and of error_status_t (C706 appendix E, MS-ERREF 2.2), and the
 * exceptions that the CLR throws for a failed HRESULT that comes back from a COM call. The names stand in ../names.
 */

import { hex } from '../ndr/read.js';
import { CLR_HRESULTS } from './clr.js';
import { COM_PLUS_HRESULTS } from './com-plus.js';
import { DCE_STATUS } from './dce.js';
import { HRESULTS } from './hresults.js';
import { NTSTATUS } from './ntstatus.js';
import { WBEM_STATUS } from './wbem.js';
import { WIN32_ERRORS } from './win32.js';

/** Failures for which the CLR has an exception; any other becomes a COMException. */
const EXCEPTIONS: Readonly<Record<number, string>> = {
  2147500033: 'System.NotImplementedException',
  2147500034: 'System.InvalidCastException',
  2147500035: 'System.NullReferenceException',
  2147614730: 'System.OverflowException',
  2147614734: 'System.Reflection.TargetParameterCountException',
  2147614738: 'System.DivideByZeroException',
  2147942402: 'System.IO.FileNotFoundException',
  2147942403: 'System.IO.DirectoryNotFoundException',
  2147942405: 'System.UnauthorizedAccessException',
  2147942411: 'System.BadImageFormatException',
  2147942414: 'System.OutOfMemoryException',
  2147942438: 'System.IO.EndOfStreamException',
  2147942487: 'System.ArgumentException',
  2147942606: 'System.IO.PathTooLongException',
  2147942934: 'System.ArithmeticException',
  2147943401: 'System.StackOverflowException',
  2148732947: 'System.TypeUnloadedException',
  2148732948: 'System.AppDomainUnloadedException',
  2148732949: 'System.CannotUnloadAppDomainException',
  2148732992: 'System.IO.FileLoadException',
  2148733974: 'System.Security.Policy.PolicyException',
  2148733975: 'System.Security.Policy.PolicyException',
  2148733976: 'System.Security.Policy.PolicyException',
  2148733977: 'System.Security.XmlSyntaxException',
  2148734000: 'System.Security.Cryptography.CryptographicException',
  2148734208: 'System.Exception',
  2148734209: 'System.SystemException',
  2148734210: 'System.ArgumentOutOfRangeException',
  2148734211: 'System.ArrayTypeMismatchException',
  2148734212: 'System.ContextMarshalException',
  2148734213: 'System.TimeoutException',
  2148734214: 'System.ExecutionEngineException',
  2148734215: 'System.FieldAccessException',
  2148734216: 'System.IndexOutOfRangeException',
  2148734217: 'System.InvalidOperationException',
  2148734218: 'System.Security.SecurityException',
  2148734219: 'System.Runtime.Remoting.RemotingException',
  2148734220: 'System.Runtime.Serialization.SerializationException',
  2148734221: 'System.Security.VerificationException',
  2148734222: 'System.Runtime.Remoting.ServerException',
  2148734223: 'System.EnterpriseServices.ServicedComponentException',
  2148734224: 'System.MethodAccessException',
  2148734225: 'System.MissingFieldException',
  2148734226: 'System.MissingMemberException',
  2148734227: 'System.MissingMethodException',
  2148734228: 'System.MulticastNotSupportedException',
  2148734229: 'System.NotSupportedException',
  2148734230: 'System.OverflowException',
  2148734231: 'System.RankException',
  2148734232: 'System.Threading.SynchronizationLockException',
  2148734233: 'System.Threading.ThreadInterruptedException',
  2148734234: 'System.MemberAccessException',
  2148734240: 'System.Threading.ThreadStateException',
  2148734242: 'System.TypeLoadException',
  2148734243: 'System.EntryPointNotFoundException',
  2148734244: 'System.DllNotFoundException',
  2148734247: 'System.Runtime.InteropServices.InvalidComObjectException',
  2148734248: 'System.NotFiniteNumberException',
  2148734249: 'System.DuplicateWaitObjectException',
  2148734256: 'System.Threading.ThreadAbortException',
  2148734257: 'System.Runtime.InteropServices.InvalidOleVariantTypeException',
  2148734258: 'System.Resources.MissingManifestResourceException',
  2148734259: 'System.Runtime.InteropServices.SafeArrayTypeMismatchException',
  2148734260: 'System.TypeInitializationException',
  2148734261: 'System.Runtime.InteropServices.MarshalDirectiveException',
  2148734263: 'System.FormatException',
  2148734264: 'System.Runtime.InteropServices.SafeArrayRankMismatchException',
  2148734265: 'System.PlatformNotSupportedException',
  2148734266: 'System.InvalidProgramException',
  2148734267: 'System.OperationCanceledException',
  2148734273: 'System.DataMisalignedException',
  2148734327: 'System.Collections.Generic.KeyNotFoundException',
  2148734464: 'System.ApplicationException',
  2148734465: 'System.Reflection.InvalidFilterCriteriaException',
  2148734466: 'System.Reflection.ReflectionTypeLoadException',
  2148734467: 'System.Reflection.TargetException',
  2148734468: 'System.Reflection.TargetInvocationException',
  2148734469: 'System.Reflection.CustomAttributeFormatException',
  2148734496: 'System.IO.IOException',
  2148734497: 'System.IO.FileLoadException',
};

/** An HRESULT as `calls` prints it. */
export interface Hresult {
  /** `0x` and 8 digits. */
  readonly code: string;
  readonly name: string;
  /** The exception that the CLR throws for it; null for success. */
  readonly exception: string | null;
}

/** Whether an HRESULT (unsigned, 32 bits) says that something failed (MS-ERREF 2.1). */
export function isFailure(hresult: number): boolean {
  return hresult >= 0x80000000;
}

/** What an HRESULT (unsigned, 32 bits) is called and what the CLR makes of it. */
export function describeHresult(code: number): Hresult {
  return {
    code: hex(code, 8),
    name: hresultName(code),
    exception: isFailure(code) ? (EXCEPTIONS[code] ?? 'System.Runtime.InteropServices.COMException') : null,
  };
}

/** What an error_status_t is called; nobody throws for one. */
export function describeStatus(code: number): Hresult {
  return { code: hex(code, 8), name: statusName(code), exception: null };
}

/** Name of an HRESULT alone, for display. */
export function hresultName(code: number): string {
  return knownHresult(code) ?? facilityName(code);
}

/** Name of a fault's status or of an error_status_t: a Win32 error, a status of DCE RPC; HRESULTs occur there too. */
export function statusName(code: number): string {
  if (code === 0) return 'S_OK';
  if (code < 0x10000) return WIN32_ERRORS(code) ?? `win32 error ${code}`;
  return hresultName(code);
}

/** FACILITY_NT_BIT: the rest is an NTSTATUS (MS-ERREF 2.1). */
const NT_BIT = 0x10000000;

function knownHresult(code: number): string | undefined {
  if (code === 0) return 'S_OK';
  if (code === 1) return 'S_FALSE';
  if (isDce(code)) return DCE_STATUS(code);
  if (code & NT_BIT) return NTSTATUS((code & ~NT_BIT) >>> 0);
  if (code >= 0xc0000000) return NTSTATUS(code);
  const named = HRESULTS(code);
  if (named !== undefined) return named;
  switch (facility(code)) {
    case 4:
      return WBEM_STATUS(code);
    case 7:
      return isFailure(code) ? WIN32_ERRORS(code & 0xffff) : undefined;
    case 17:
      return COM_PLUS_HRESULTS(code);
    case 19:
      return CLR_HRESULTS(code);
    default:
      return undefined;
  }
}

/** Status codes of DCE RPC have a coding of their own, in which bit 28 says nothing of NT. */
function isDce(code: number): boolean {
  const top = code >>> 16;
  return top === 0x16c9 || top === 0x1c00 || top === 0x1c01;
}

const facility = (code: number) => (code >>> 16) & 0x7ff;

/** Facilities (MS-ERREF 2.1). */
const FACILITIES: Readonly<Record<number, string>> = {
  0: 'FACILITY_NULL',
  1: 'FACILITY_RPC',
  2: 'FACILITY_DISPATCH',
  3: 'FACILITY_STORAGE',
  4: 'FACILITY_ITF',
  7: 'FACILITY_WIN32',
  8: 'FACILITY_WINDOWS',
  9: 'FACILITY_SECURITY',
  10: 'FACILITY_CONTROL',
  11: 'FACILITY_CERT',
  12: 'FACILITY_INTERNET',
  13: 'FACILITY_MEDIASERVER',
  14: 'FACILITY_MSMQ',
  15: 'FACILITY_SETUPAPI',
  16: 'FACILITY_SCARD',
  17: 'FACILITY_COMPLUS',
  18: 'FACILITY_AAF',
  19: 'FACILITY_URT',
  20: 'FACILITY_ACS',
  21: 'FACILITY_DPLAY',
  22: 'FACILITY_UMI',
  23: 'FACILITY_SXS',
  24: 'FACILITY_WINDOWS_CE',
  25: 'FACILITY_HTTP',
  26: 'FACILITY_USERMODE_COMMONLOG',
  31: 'FACILITY_USERMODE_FILTER_MANAGER',
  32: 'FACILITY_BACKGROUNDCOPY',
  33: 'FACILITY_CONFIGURATION',
  34: 'FACILITY_STATE_MANAGEMENT',
  35: 'FACILITY_METADIRECTORY',
  36: 'FACILITY_WINDOWSUPDATE',
  37: 'FACILITY_DIRECTORYSERVICE',
  38: 'FACILITY_GRAPHICS',
  39: 'FACILITY_SHELL',
  40: 'FACILITY_TPM_SERVICES',
  41: 'FACILITY_TPM_SOFTWARE',
  48: 'FACILITY_PLA',
  49: 'FACILITY_FVE',
  50: 'FACILITY_FWP',
  51: 'FACILITY_WINRM',
  52: 'FACILITY_NDIS',
  53: 'FACILITY_USERMODE_HYPERVISOR',
  54: 'FACILITY_CMI',
  55: 'FACILITY_USERMODE_VIRTUALIZATION',
  56: 'FACILITY_USERMODE_VOLMGR',
  57: 'FACILITY_BCD',
  58: 'FACILITY_USERMODE_VHD',
  60: 'FACILITY_SDIAG',
  61: 'FACILITY_WEBSERVICES',
  80: 'FACILITY_WINDOWS_DEFENDER',
  81: 'FACILITY_OPC',
};

/** A code without a name of its own: its facility and number, as in `failure, FACILITY_ITF 0x0201`. */
function facilityName(code: number): string {
  if (isDce(code)) return `DCE RPC status ${hex(code, 8)}`;
  if (code >= 0xc0000000) return `NTSTATUS ${hex((code & ~NT_BIT) >>> 0, 8)}`;
  const name = FACILITIES[facility(code)] ?? `facility ${facility(code)}`;
  return `${isFailure(code) ? 'failure' : 'success'}, ${name} ${hex(code & 0xffff, 4)}`;
}
