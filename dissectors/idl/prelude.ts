/** Types that IDL files use without declaring them: those of MS-DTYP, and of COM (MS-OAUT, MS-DCOM). */
import { BSTR } from '../dcom/bstr.js';
import { CCW_PTR } from '../dcom/ccw-ptr.js';
import { DUALSTRINGARRAY } from '../dcom/dual-string-array.js';
import { SAFEARRAY } from '../dcom/safearray.js';
import { ORPCTHAT, ORPCTHIS } from '../dcom/this-that.js';
import { VARIANT } from '../dcom/variant.js';
import { guid, hex32, id64, type NdrType } from '../ndr/types.js';

/**
 * Types of which the wire is known better than IDL says it, whatever a file declares of them. A pointer that their
 * wire form begins with is theirs: `BSTR` is one already.
 */
export const WELL_KNOWN: Readonly<Record<string, NdrType>> = {
  ...{ BSTR, CCW_PTR, SAFEARRAY, LPSAFEARRAY: SAFEARRAY, DUALSTRINGARRAY, ORPCTHIS, ORPCTHAT },
  ...{ VARIANT, VARIANTARG: VARIANT },
  ...{ GUID: guid, UUID: guid, IID: guid, CLSID: guid, uuid_t: guid, IPID: guid },
  ...{ HRESULT: hex32, SCODE: hex32, OXID: id64, OID: id64, SETID: id64 },
};

/** Interfaces of COM that need no declaration, beside those that clrscope has names for. */
export const ROOTS: Readonly<Record<string, number>> = { IUnknown: 3, IDispatch: 7 };

/** The rest in IDL; a file may declare them otherwise. */
export const PRELUDE = `
typedef unsigned char UCHAR, BYTE, UINT8, BOOLEAN, *PUCHAR, *PBYTE, *LPBYTE, *PBOOLEAN;
typedef char CHAR, CCHAR, *PCHAR;
typedef small INT8;
typedef wchar_t WCHAR, OLECHAR, *PWCHAR;
typedef short SHORT, INT16, VARIANT_BOOL, *PSHORT;
typedef unsigned short USHORT, WORD, UINT16, VARTYPE, *PUSHORT, *PWORD, *LPWORD;
typedef long LONG, INT, INT32, BOOL, LONG32, DISPID, MEMBERID, *PLONG, *LPLONG, *PBOOL, *LPBOOL, *PINT;
typedef unsigned long ULONG, DWORD, UINT, UINT32, ULONG32, DWORD32, LCID, HREFTYPE, *PULONG, *PDWORD, *LPDWORD, *PUINT;
typedef unsigned long NET_API_STATUS, NTSTATUS, WIN32_ERROR, RPC_STATUS, ACCESS_MASK, SECURITY_INFORMATION;
typedef hyper LONGLONG, INT64, LONG64, __INT64, *PLONGLONG;
typedef unsigned hyper ULONGLONG, UINT64, ULONG64, DWORDLONG, DWORD64, QWORD, *PULONGLONG, *PDWORDLONG;
typedef unsigned __int3264 ULONG_PTR, DWORD_PTR, SIZE_T, UINT_PTR, *PULONG_PTR;
typedef __int3264 LONG_PTR, INT_PTR, SSIZE_T;
typedef float FLOAT;
typedef double DOUBLE, DATE;
typedef [string] wchar_t *LPWSTR, *PWSTR, *LPOLESTR, *LMSTR;
typedef [string] const wchar_t *LPCWSTR, *PCWSTR, *LPCOLESTR;
typedef [string] char *LPSTR, *PSTR;
typedef [string] const char *LPCSTR, *PCSTR;
typedef GUID *REFIPID, *REFGUID, *REFIID, *REFCLSID, *LPGUID, *LPIID, *LPCLSID, *PGUID;
typedef DISPID *LPDISPID;
typedef [context_handle] void *PCONTEXT_HANDLE;
typedef struct _FILETIME { DWORD dwLowDateTime; DWORD dwHighDateTime; } FILETIME, *PFILETIME, *LPFILETIME;
typedef struct _LARGE_INTEGER { hyper QuadPart; } LARGE_INTEGER, *PLARGE_INTEGER;
typedef struct _ULARGE_INTEGER { unsigned hyper QuadPart; } ULARGE_INTEGER, *PULARGE_INTEGER;
typedef struct _LUID { DWORD LowPart; LONG HighPart; } LUID, *PLUID;
typedef struct _SYSTEMTIME { WORD wYear; WORD wMonth; WORD wDayOfWeek; WORD wDay; WORD wHour; WORD wMinute; WORD wSecond;
  WORD wMilliseconds; } SYSTEMTIME, *PSYSTEMTIME;
typedef struct tagCY { hyper int64; } CURRENCY, CY;
typedef struct tagDEC { USHORT wReserved; BYTE scale; BYTE sign; ULONG Hi32; ULONGLONG Lo64; } DECIMAL;
typedef struct _RPC_UNICODE_STRING { unsigned short Length; unsigned short MaximumLength;
  [size_is(MaximumLength / 2), length_is(Length / 2)] WCHAR *Buffer; } RPC_UNICODE_STRING, *PRPC_UNICODE_STRING;
typedef struct _RPC_SID_IDENTIFIER_AUTHORITY { byte Value[6]; } RPC_SID_IDENTIFIER_AUTHORITY;
typedef struct _RPC_SID { unsigned char Revision; unsigned char SubAuthorityCount;
  RPC_SID_IDENTIFIER_AUTHORITY IdentifierAuthority; [size_is(SubAuthorityCount)] unsigned long SubAuthority[]; }
  RPC_SID, *PRPC_SID, *PSID;
typedef struct COMVERSION { unsigned short MajorVersion; unsigned short MinorVersion; } COMVERSION;
`;
