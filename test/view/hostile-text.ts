/** Captures whose every text is markup and script, made by `encode` from its scenarios. */
import { interfacesWith } from '../../dissectors/index.js';
import { encodeDocument } from '../../src/encode/documents/document.js';
import { SCENARIOS } from '../../src/encode/scenarios/scenarios.js';

/** What a page that took it for markup or for an address would run: it sets `window.hit`. */
export const SCRIPT = `javascript:window.hit=1//"'><img src=x onerror=window.hit=1><script>window.hit=1</script>`;

/** Known names, which others are told by. */
const KEPT = /^System\.|^\{?[0-9a-f]{8}-/i;

/**
 * The capture of a scenario with a hostile text in each of its texts in which `encode` takes it; a text that stands in
 * several places is the same in all of them.
 * @returns its bytes, and how many texts were replaced
 */
export function hostileCapture(name: string, text = SCRIPT): { bytes: Uint8Array; replaced: number } {
  const document = SCENARIOS.find((scenario) => scenario.name === name)!.document();
  const replaced = new Map<string, string>();
  const encoded = (): Uint8Array => encodeDocument(withTexts(document, replaced), interfacesWith());
  let bytes = encoded();
  for (const old of textsOf(document)) {
    if (KEPT.test(old)) continue;
    replaced.set(old, `${text}${replaced.size}`);
    try {
      bytes = encoded();
    } catch {
      replaced.delete(old);
    }
  }
  return { bytes, replaced: replaced.size };
}

/** Each text of a document once. */
function textsOf(json: unknown): Set<string> {
  const texts = new Set<string>();
  JSON.stringify(json, (_, value) => {
    if (typeof value === 'string' && value !== '') texts.add(value);
    return value;
  });
  return texts;
}

function withTexts(json: unknown, replaced: ReadonlyMap<string, string>): unknown {
  return JSON.parse(
    JSON.stringify(json, (_, value) => (typeof value === 'string' ? (replaced.get(value) ?? value) : value)),
  );
}
