/** Small pictures of pages: PNG with a palette (PNG specification, third edition, 5 and 11). */
import { crc32, deflateSync } from 'node:zlib';

/** Colours of a palette. */
const MOST = 256;

/**
 * A PNG file of a palette's colours; those that are left out are the nearest of them.
 * @param {Uint8Array} rgba four bytes a pixel; opacity is not looked at
 * @param {number} width
 */
export function palettePng(rgba, width) {
  const colors = new Map();
  for (let at = 0; at < rgba.length; at += 4) {
    const color = (rgba[at] << 16) | (rgba[at + 1] << 8) | rgba[at + 2];
    colors.set(color, (colors.get(color) ?? 0) + 1);
  }
  const byCount = [...colors].sort((a, b) => b[1] - a[1]).map(([color]) => color);
  // hues that are rare count too: the first of each corner of the colours, then what occurs most
  const corners = new Map(byCount.toReversed().map((color) => [color & 0xf0f0f0, color]));
  const palette = [...new Set([...corners.values(), ...byCount])].slice(0, MOST);
  const places = new Map(byCount.map((color) => [color, nearest(palette, color)]));
  const height = rgba.length / 4 / width;
  // each row begins with its filter, which is none
  const rows = Buffer.alloc((width + 1) * height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const color = (rgba[4 * pixel] << 16) | (rgba[4 * pixel + 1] << 8) | rgba[4 * pixel + 2];
    rows[pixel + Math.floor(pixel / width) + 1] = places.get(color);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  // eight bits a pixel, by palette
  head.set([8, 3], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('PLTE', Buffer.from(palette.flatMap(parts))),
    chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const parts = (color) => [color >> 16, (color >> 8) & 255, color & 255];

function nearest(palette, color) {
  const wanted = parts(color);
  const distances = palette.map((other) => parts(other).reduce((sum, part, i) => sum + (part - wanted[i]) ** 2, 0));
  return distances.indexOf(Math.min(...distances));
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
