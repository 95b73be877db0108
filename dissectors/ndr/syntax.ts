/** Transfer syntaxes and their names (MS-RPCE 2.2.4.12, 2.2.5.1). */

const NDR = '8a885d04-1ceb-11c9-9fe8-08002b104860';
const NDR64 = '71710533-beba-4937-8319-b5dbef9ccc36';
/** The first three groups of the pseudo transfer syntax that negotiates features (MS-RPCE 3.3.1.5.3). */
const FEATURES = '6cb71c2c-9812-4540';

/** The two that are known; anything else by its UUID. */
export type Syntax = 'NDR' | 'NDR64' | string;

/** Name of a transfer syntax. */
export function syntaxName(uuid: string): Syntax {
  if (uuid === NDR) return 'NDR';
  if (uuid === NDR64) return 'NDR64';
  return uuid.startsWith(FEATURES) ? 'bind time features' : uuid;
}
