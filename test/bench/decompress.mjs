/** The least that any program in Node must do with a compressed file: node decompress.mjs zlib|zstd FILE */
import { createReadStream, readFileSync } from 'node:fs';
import * as zlib from 'node:zlib';
import { Decompress } from 'fzstd';

const [library, path] = process.argv.slice(2);
let bytes = 0;
if (library === 'zstd' && zlib.createZstdDecompress === undefined) {
  const decoder = new Decompress((chunk) => {
    bytes += chunk.length;
  });
  const all = readFileSync(path);
  for (let at = 0; at < all.length; at += 65536) decoder.push(all.subarray(at, at + 65536), at + 65536 >= all.length);
  console.log(bytes);
} else {
  const unpack = library === 'zstd' ? zlib.createZstdDecompress() : zlib.createGunzip();
  createReadStream(path)
    .pipe(unpack)
    .on('data', (chunk) => {
      bytes += chunk.length;
    })
    .on('end', () => console.log(bytes));
}
