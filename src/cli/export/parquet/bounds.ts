/** The least and the greatest of a column's values, by which readers skip row groups. */
import type { SchemaElement, Statistics } from 'hyparquet';
import { unconvertMinMax } from 'hyparquet-writer/src/unconvert.js';
import type { ParquetValue } from './stored.js';
import type { ValueBytes } from './value-bytes.js';

/** Bytes in front of a text. */
const COUNT = 4;

/** What is between two values, both included. */
export class Bounds {
  private least: ParquetValue | null = null;
  private greatest: ParquetValue | null = null;

  constructor(private readonly element: Omit<SchemaElement, 'name'>) {}

  /** Takes a value. @param start where it is written in `bytes`, which end with it: texts are compared as these are */
  add(value: ParquetValue, bytes: ValueBytes, start: number): void {
    if (typeof value === 'string') this.text(bytes, start + COUNT);
    else if (!Number.isNaN(value)) {
      if (this.least === null || value < this.least) this.least = value;
      if (this.greatest === null || value > this.greatest) this.greatest = value;
    }
  }

  /** What statistics say of them, and begins anew. */
  take(): Statistics {
    const { least, greatest } = this;
    this.least = null;
    this.greatest = null;
    if (least === null || greatest === null) return {};
    // zero has two signs
    if (typeof least === 'number' && typeof greatest === 'number')
      return { min_value: least === 0 ? -0 : least, max_value: greatest + 0 };
    if (!(least instanceof Uint8Array)) return { min_value: least, max_value: greatest };
    const element = { name: '', ...this.element };
    const [min, max] = [unconvertMinMax(least, element, false), unconvertMinMax(greatest, element, true)];
    if (min === undefined || max === undefined) return {};
    return {
      ...{ min_value: min, max_value: max },
      ...(min.length < least.length ? { is_min_value_exact: false } : {}),
      ...(max !== greatest ? { is_max_value_exact: false } : {}),
    };
  }

  private text(bytes: ValueBytes, start: number): void {
    const least = this.least as Uint8Array | null;
    const greatest = this.greatest as Uint8Array | null;
    if (least === null || bytes.compareEnd(start, least) < 0) this.least = bytes.part(start, bytes.length).slice();
    if (greatest === null || bytes.compareEnd(start, greatest) > 0)
      this.greatest = bytes.part(start, bytes.length).slice();
  }
}
