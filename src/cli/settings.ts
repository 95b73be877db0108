/** What options say about how captures are read, made what the engine takes. */
import type { RpcInterface } from '../../dissectors/ndr/interface.js';
import { isIt } from '../core/nearest.js';
import { UserError } from '../core/user-error.js';
import { loadSecrets, UnreadableSecrets } from '../security/index.js';
import { givenNames } from './given-names.js';
import type { Job } from './job.js';
import { limitsOf } from './limits.js';
import { type CommonOptions, isPort, UsageError } from './options.js';
import { ownInterfaces, ownSources } from './own-interfaces.js';

/** What of a job options alone say. */
export type Settings = Pick<Job, 'secrets' | 'ports' | 'decodeAs' | 'interfaces' | 'own' | 'hosts' | 'full' | 'limits'>;

/**
 * Reads the files that options name.
 * @throws UserError where an option is wrong, or a file cannot be read
 */
export async function settingsOf(options: Omit<CommonOptions, 'color'>): Promise<Settings> {
  const own = ownSources(options);
  const interfaces = await ownInterfaces(own);
  return {
    secrets: options.secrets === undefined ? null : await secretsOf(options.secrets),
    ports: portsOf(options.port ?? []),
    interfaces,
    own,
    decodeAs: await decodeAsOf(options.decodeAs ?? [], interfaces),
    hosts: await givenNames(options.names),
    full: options.full === true,
    limits: limitsOf(options.limit ?? []),
  };
}

async function secretsOf(paths: readonly string[]): Promise<Job['secrets']> {
  try {
    return await loadSecrets(...paths);
  } catch (e) {
    throw e instanceof UnreadableSecrets ? new UserError(`--secrets ${e.message}`) : e;
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** `7=IManagedObject`, `0000240c-…=c3fcc19e-…`: keys are context ids or IPIDs, values names or UUIDs; all lower case. */
async function decodeAsOf(texts: readonly string[], own: readonly RpcInterface[]): Promise<Map<string, string>> {
  const map = new Map<string, string>();
  if (texts.length === 0) return map;
  const { INTERFACES } = await import('../../dissectors/index.js');
  const names = [...INTERFACES, ...own].map((i) => i.name);
  for (const text of texts) {
    const [key, iid = '', ...more] = text.toLowerCase().replaceAll(/[{}]/g, '').split('=');
    const isContext = /^\d{1,5}$/.test(key) && Number(key) <= 0xffff;
    if ((!isContext && !UUID.test(key)) || more.length > 0)
      throw new UsageError(
        `--decode-as takes CONTEXT=IID or IPID=IID, with a context of 0 to 65535, not ${JSON.stringify(text)}`,
      );
    if (!/^[a-z_]\w*$/.test(iid) && !UUID.test(iid))
      throw new UsageError(`--decode-as wants an interface's UUID or name behind =, not ${JSON.stringify(iid)}`);
    if (!UUID.test(iid) && !names.some((name) => name.toLowerCase() === iid)) {
      const typed = text.slice(text.indexOf('=') + 1);
      const near = isIt(iid, names);
      throw new UsageError(
        `--decode-as: there is no interface ${JSON.stringify(typed)}${near}; clrscope interfaces lists them, and any UUID is taken`,
      );
    }
    map.set(isContext ? String(Number(key)) : key, iid);
  }
  return map;
}

function portsOf(texts: readonly string[]): Map<number, 'dcerpc'> {
  const ports = new Map<number, 'dcerpc'>();
  for (const text of texts) {
    const [, port = ''] = /^(\d+)(?:=dcerpc)?$/.exec(text) ?? [];
    if (!isPort(port))
      throw new UsageError(`--port takes a number from 1 to 65535, or N=dcerpc, not ${JSON.stringify(text)}`);
    ports.set(Number(port), 'dcerpc');
  }
  return ports;
}
