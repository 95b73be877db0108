/** Every rule of the audit. To add one, write it in a file of its own and list it here. */
import type { Rule } from './rule.js';
import { DCOM_001 } from './rules/dcom-001.js';
import { DCOM_002 } from './rules/dcom-002.js';
import { DCOM_003 } from './rules/dcom-003.js';
import { DCOM_004 } from './rules/dcom-004.js';
import { DCOM_005 } from './rules/dcom-005.js';
import { DCOM_006 } from './rules/dcom-006.js';
import { DCOM_007 } from './rules/dcom-007.js';
import { DCOM_008 } from './rules/dcom-008.js';
import { DCOM_009 } from './rules/dcom-009.js';
import { DCOM_010 } from './rules/dcom-010.js';
import { DCOM_011 } from './rules/dcom-011.js';
import { DCOM_012 } from './rules/dcom-012.js';
import { DCOM_013 } from './rules/dcom-013.js';
import { IOI_001 } from './rules/ioi-001.js';
import { IOI_002 } from './rules/ioi-002.js';
import { IOI_003 } from './rules/ioi-003.js';
import { IOI_004 } from './rules/ioi-004.js';
import { IOI_005 } from './rules/ioi-005.js';
import { IOI_006 } from './rules/ioi-006.js';
import { IOI_007 } from './rules/ioi-007.js';
import { IOI_008 } from './rules/ioi-008.js';
import { IOI_009 } from './rules/ioi-009.js';
import { IOI_010 } from './rules/ioi-010.js';
import { IOI_011 } from './rules/ioi-011.js';
import { IOI_012 } from './rules/ioi-012.js';
import { IOI_013 } from './rules/ioi-013.js';
import { IOI_014 } from './rules/ioi-014.js';
import { REM_001 } from './rules/rem-001.js';
import { REM_002 } from './rules/rem-002.js';
import { REM_003 } from './rules/rem-003.js';
import { REM_004 } from './rules/rem-004.js';
import { REM_005 } from './rules/rem-005.js';
import { REM_006 } from './rules/rem-006.js';
import { REM_007 } from './rules/rem-007.js';
import { RPC_001 } from './rules/rpc-001.js';
import { RPC_002 } from './rules/rpc-002.js';
import { RPC_003 } from './rules/rpc-003.js';
import { RPC_004 } from './rules/rpc-004.js';
import { RPC_005 } from './rules/rpc-005.js';
import { RPC_006 } from './rules/rpc-006.js';
import { RPC_007 } from './rules/rpc-007.js';
import { RPC_008 } from './rules/rpc-008.js';

/** In the order of their ids. */
export const RULES: readonly Rule[] = [
  IOI_001,
  IOI_002,
  IOI_003,
  IOI_004,
  IOI_005,
  IOI_006,
  IOI_007,
  IOI_008,
  IOI_009,
  IOI_010,
  IOI_011,
  IOI_012,
  IOI_013,
  IOI_014,
  DCOM_001,
  DCOM_002,
  DCOM_003,
  DCOM_004,
  DCOM_005,
  DCOM_006,
  DCOM_007,
  DCOM_008,
  DCOM_009,
  DCOM_010,
  DCOM_011,
  DCOM_012,
  DCOM_013,
  REM_001,
  REM_002,
  REM_003,
  REM_004,
  REM_005,
  REM_006,
  REM_007,
  RPC_001,
  RPC_002,
  RPC_003,
  RPC_004,
  RPC_005,
  RPC_006,
  RPC_007,
  RPC_008,
];

/** The rule of an id, in any case. */
export function ruleOf(id: string): Rule | undefined {
  return RULES.find((rule) => rule.id === id.toUpperCase());
}

export { type AuditReport, type Baseline, failsOn, readBaseline, reportOf } from './baseline.js';
export { Finder } from './finder.js';
export { Finding, KEPT } from './finding.js';
export { SEVERITIES, type Severity } from './found.js';
export type { Inventory } from './inventory.js';
export type { Rule } from './rule.js';
export { Audit, type AuditResult } from './run.js';
