/** MIT keytab files, version 2 (the `keytab` page of MIT Kerberos' file formats): keys of principals. */

/** A key of a principal. */
export interface KeytabEntry {
  /** `service/host@REALM`. */
  readonly principal: string;
  /** RFC 3961 section 8 number. */
  readonly etype: number;
  /** Key version, null where unknown. */
  readonly kvno: number | null;
  readonly key: Uint8Array;
}
