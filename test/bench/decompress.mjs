/** The least that any program in Node must do with a compressed file: node decompress.mjs zlib|fzstd|zstddec FILE */
import { createReadStream, readFileSync } from 'node:fs';
import * as zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import { ZSTDDecoder } from 'zstddec/stream';

const [library, path] = process.argv.slice(2);
let bytes = 0;
const count = (chunk) => {
  bytes += chunk.length;
};

function* slices(all) {
  for (let at = 0; at < all.length; at += 65536) yield all.subarray(at, at + 65536);
}

if (library === 'fzstd') {
  const decoder = new Decompress(count);
  for (const slice of slices(readFileSync(path))) decoder.push(slice);
} else if (library === 'zstddec') {
  const decoder = new ZSTDDecoder();
  await decoder.init();
  for (const chunk of decoder.decodeStreaming(slices(readFileSync(path)))) count(chunk);
} else {
  const unpack = path.endsWith('.zst') ? zlib.createZstdDecompress() : zlib.createGunzip();
  for await (const chunk of createReadStream(path).pipe(unpack)) count(chunk);
}
console.log(bytes);
