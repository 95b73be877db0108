/** Names of HRESULTs, faults and statuses (MS-ERREF, C706 appendix E, MS-WMI, MS-COMA). */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeNames } from '../../dissectors/names/code-names.js';
import { describeHresult, describeStatus, hresultName, statusName } from '../../dissectors/names/hresult.js';

const TABLES = resolve(import.meta.dirname, '../../dissectors/names');

describe('names of HRESULTs', () => {
  it.each([
    [0x00000000, 'S_OK'],
    [0x00000001, 'S_FALSE'],
    [0x8000ffff, 'E_UNEXPECTED'],
    [0x80004027, 'CO_E_CLASS_DISABLED'],
    [0x80010108, 'RPC_E_DISCONNECTED'],
    [0x80020009, 'DISP_E_EXCEPTION'],
    [0x80028ca0, 'TYPE_E_TYPEMISMATCH'],
    [0x80030005, 'STG_E_ACCESSDENIED'],
    [0x80040154, 'REGDB_E_CLASSNOTREG'],
    [0x8004d00e, 'XACT_E_NOTRANSACTION'],
    [0x8004e024, 'CO_E_ACTIVATIONFAILED_TIMEOUT'],
    [0x80041010, 'WBEM_E_INVALID_CLASS'],
    [0x80041309, 'SCHED_E_TRIGGER_NOT_FOUND'],
    [0x80080005, 'CO_E_SERVER_EXEC_FAILURE'],
    [0x80090322, 'SEC_E_WRONG_PRINCIPAL'],
    [0x800b0109, 'CERT_E_UNTRUSTEDROOT'],
    [0x80110401, 'COMADMIN_E_OBJECTERRORS'],
    [0x80280001, 'TPM_E_AUTHFAIL'],
    [0x80284001, 'TBS_E_INTERNAL_ERROR'],
    [0x80290100, 'TPMAPI_E_INVALID_STATE'],
    [0x80310000, 'FVE_E_LOCKED_VOLUME'],
    [0x80320003, 'FWP_E_FILTER_NOT_FOUND'],
    [0x80320009, 'FWP_E_ALREADY_EXISTS'],
    [0x80340006, 'ERROR_NDIS_ADAPTER_NOT_FOUND'],
    [0x00340001, 'ERROR_NDIS_INDICATION_REQUIRED'],
    [0x80131509, 'COR_E_INVALIDOPERATION'],
    // Win32 errors in an HRESULT; four of them have names of their own
    [0x80070005, 'E_ACCESSDENIED'],
    [0x80070057, 'E_INVALIDARG'],
    [0x80070002, 'ERROR_FILE_NOT_FOUND'],
    [0x80070422, 'ERROR_SERVICE_DISABLED'],
    [0x800706ba, 'RPC_S_SERVER_UNAVAILABLE'],
    [0x80070776, 'OR_INVALID_OXID'],
    [0x80072746, 'WSAECONNRESET'],
    [0x8007232b, 'DNS_ERROR_RCODE_NAME_ERROR'],
    [0x80072581, 'DNS_ERROR_ZONE_DOES_NOT_EXIST'],
    [0x800732c8, 'ERROR_IPSEC_QM_POLICY_EXISTS'],
    [0x800736b3, 'ERROR_SXS_ASSEMBLY_NOT_FOUND'],
    [0x80070846, 'NERR_DuplicateShare'],
    [0x800708ad, 'NERR_UserNotFound'],
    [0x80073a98, 'ERROR_EVT_INVALID_CHANNEL_PATH'],
    // NTSTATUS, itself and with FACILITY_NT_BIT
    [0xc0000022, 'STATUS_ACCESS_DENIED'],
    [0xd0000022, 'STATUS_ACCESS_DENIED'],
    [0x90000005, 'STATUS_BUFFER_OVERFLOW'],
    [0xc002001b, 'RPC_NT_CALL_FAILED'],
    [0xc0000700, 'STATUS_PORT_CLOSED'],
    [0xc0190001, 'STATUS_TRANSACTIONAL_CONFLICT'],
    [0xc0220001, 'STATUS_FWP_CALLOUT_NOT_FOUND'],
    // DCE RPC: bit 28 says nothing of NT there
    [0x16c9a0d6, 'ept_s_not_registered'],
    [0x1c010002, 'nca_s_op_rng_error'],
    [0x1c00001c, 'nca_s_invalid_pres_context_id'],
  ])('%i: %s', (code, name) => {
    expect(hresultName(code)).toBe(name);
    if (code > 1) expect(statusName(code)).toBe(name);
  });

  it('a code without a name tells facility and number, and is no success where it is none', () => {
    expect(hresultName(0x80040201 + 0x5000)).toBe('failure, FACILITY_ITF 0x5201');
    expect(hresultName(0x8007ffff)).toBe('failure, FACILITY_WIN32 0xffff');
    expect(hresultName(0x00110001)).toBe('success, FACILITY_COMPLUS 0x0001');
    expect(hresultName(0x87650001)).toBe('failure, facility 1893 0x0001');
    expect(hresultName(0xdead0001)).toBe('NTSTATUS 0xcead0001');
    expect(hresultName(0x16c9afff)).toBe('DCE RPC status 0x16c9afff');
  });

  it('every Win32 code has the name that its HRESULT has', () => {
    for (let code = 2; code < 0x10000; code++) {
      const name = hresultName((0x80070000 | code) >>> 0);
      if (![5, 6, 14, 87].includes(code) && !/FACILITY_WIN32/.test(name)) expect(statusName(code)).toBe(name);
    }
  });

  it('a result of an interface without ORPC is an error_status_t, for which nobody throws', () => {
    expect(describeStatus(5)).toEqual({ code: '0x00000005', name: 'ERROR_ACCESS_DENIED', exception: null });
    expect(describeHresult(5).name).toBe('success, FACILITY_NULL 0x0005');
    expect(describeHresult(0x80070005).exception).toBe('System.UnauthorizedAccessException');
    expect(describeHresult(0x80070776).exception).toBe('System.Runtime.InteropServices.COMException');
  });
});

describe('tables of names', () => {
  it('are codes, what names begin with, and names for one code after the other', () => {
    const name = codeNames('\n0005: ERROR_* ACCESS_DENIED\nINVALID_HANDLE WSA* EINTR\n80000010: EBADF\n');
    expect([4, 5, 6, 7, 8, 0x10, 0x80000010].map(name)).toEqual([
      undefined,
      'ERROR_ACCESS_DENIED',
      'ERROR_INVALID_HANDLE',
      'WSAEINTR',
      undefined,
      undefined,
      'WSAEBADF',
    ]);
  });

  const files = readdirSync(TABLES).filter((f) => !/^(code-names|columns|hresult|interfaces)/.test(f));
  it.each(files)('%s: in the order of the codes, each code once', (file) => {
    const text = readFileSync(resolve(TABLES, file), 'utf8');
    const words = text
      .slice(text.indexOf('`') + 1, text.lastIndexOf('`'))
      .trim()
      .split(/\s+/);
    expect(words.length).toBeGreaterThan(100);
    let next = 0;
    for (const word of words) {
      expect(word).toMatch(/^(?:[0-9a-f]{4}(?:[0-9a-f]{4})?:|[A-Za-z]\w*\*|\w+)$/);
      const code = word.endsWith(':') ? Number.parseInt(word, 16) : next;
      expect(code).toBeGreaterThanOrEqual(next);
      next = /[:*]$/.test(word) ? code : code + 1;
    }
  });
});
