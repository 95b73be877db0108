/** Authentication header of IPsec behind IPv4 (RFC 4302 2); IPv6 has it among its extension headers. */
import { type LayerHeader, layerHeader, number, skip } from './header.js';

export const AUTHENTICATION: LayerHeader = layerHeader(
  'ah',
  'Authentication Header',
  number(1, 'ah.next_header', 'Next header'),
  number(1, 'ah.length', 'Length'),
  skip(2),
  number(4, 'ah.spi', 'AH SPI', { hex: true }),
  number(4, 'ah.sequence', 'AH Sequence'),
);
