/** A server of files from memory that knows ranges (RFC 9110 14), as far as browsers are tested with. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const TYPES: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript', css: 'text/css' };

/** Serves files by path; `plain` ones only as a whole. Resolves to where. */
export async function serve(
  files: ReadonlyMap<string, Uint8Array | string>,
  plain = '/plain/',
): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const file = files.get(path.replace(plain, '/'));
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    const [, ending = 'html'] = /(?:\/|\.(\w+))$/.exec(path) ?? [null, 'bin'];
    const type = TYPES[ending] ?? 'application/octet-stream';
    const bytes = Buffer.from(file);
    const range = path.startsWith(plain) ? null : /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    if (range === null) {
      response.writeHead(200, { 'content-type': type }).end(bytes);
      return;
    }
    const [from, to] = [Number(range[1]), Math.min(Number(range[2]), bytes.length - 1)];
    const head = { 'content-type': type, 'content-range': `bytes ${from}-${to}/${bytes.length}` };
    response.writeHead(206, head).end(bytes.subarray(from, to + 1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}
