/** `--names FILE`: what hosts are called, as /etc/hosts says it, or the names of another capture. */
import { readCapture, whyNoCapture } from '../capture/open.js';
import { textOfFile } from '../core/file-text.js';
import { Hosts, hostNames } from '../core/hosts.js';
import { safe } from '../core/safe-text.js';
import { readInput } from './input.js';
import { UsageError } from './options.js';

/**
 * Names by address; none where no file was named.
 * @throws UserError where it cannot be read, or names nothing
 */
export async function givenNames(file: string | undefined): Promise<ReadonlyMap<string, string>> {
  if (file === undefined) return new Map();
  const bytes = readInput(file, `--names ${safe(file)}`);
  const isCapture = (await whyNoCapture(bytes)) === null;
  const names = isCapture ? await namesOf(bytes) : hostNames(textOfFile(bytes));
  if (names.size > 0) return names;
  const missing = isCapture ? 'the capture names no address' : 'no line of it has an address and a name';
  throw new UsageError(`--names ${safe(file)}: ${missing}`);
}

async function namesOf(capture: Uint8Array): Promise<Map<string, string>> {
  const hosts = new Hosts();
  await readCapture(capture, () => {}, { onName: ({ address, names }) => hosts.learn(address, names) });
  return hosts.learnt();
}
