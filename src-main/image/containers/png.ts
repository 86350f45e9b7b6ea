import { crc32, deflateSync } from 'node:zlib';
import { ascii, be, concat } from './bytes';
import type { Metadata } from './bytes';

/** Signature (8 bytes) and the IHDR chunk (25 bytes), which comes first in every PNG. */
const headerLength = 33;

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = concat([ascii(type), data]);
  return concat([be(data.length, 4), body, be(crc32(body), 4)]);
}

/** Adds iCCP, eXIf and XMP (iTXt) chunks after the header of a PNG that has none of them. */
export function pngWithMetadata(png: Uint8Array, { icc, exif, xmp }: Metadata): Uint8Array {
  const parts = [png.subarray(0, headerLength)];
  // Profile name, terminator, compression method 0; keyword, terminator, no compression, language
  // and translated keyword empty (PNG third edition, 11.3.2.3 and 11.3.3.4).
  if (icc) parts.push(chunk('iCCP', concat([ascii('ICC profile\0\0'), deflateSync(icc)])));
  if (exif) parts.push(chunk('eXIf', exif));
  if (xmp) parts.push(chunk('iTXt', concat([ascii('XML:com.adobe.xmp\0\0\0\0\0'), xmp])));
  parts.push(png.subarray(headerLength));
  return concat(parts);
}
