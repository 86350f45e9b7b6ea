import { viewOf } from '../ifd';
import { ascii, concat, fourCc, le } from './bytes';
import type { Metadata } from './bytes';

const flags = { icc: 0x20, alpha: 0x10, exif: 0x08, xmp: 0x04 };

const chunk = (type: string, data: Uint8Array): Uint8Array =>
  concat([ascii(type), le(data.length, 4), data, new Uint8Array(data.length & 1)]);

/**
 * Adds ICCP, EXIF and XMP chunks to a still WebP that has none of them, and the VP8X header that
 * announces them (WebP container specification, extended file format).
 * @param size pixels, for a VP8X header that the file does not have yet
 */
export function webpWithMetadata(
  webp: Uint8Array,
  { icc, exif, xmp }: Metadata,
  size: { width: number; height: number },
): Uint8Array {
  if (!icc && !exif && !xmp) return webp;
  let flag = (icc ? flags.icc : 0) | (exif ? flags.exif : 0) | (xmp ? flags.xmp : 0);
  let from = 12;
  if (fourCc(webp, 12) === 'VP8X') {
    flag |= webp[20]!;
    from = 20 + viewOf(webp).getUint32(16, true);
  } else if (fourCc(webp, 12) === 'VP8L' && webp[24]! & 0x10) {
    // Lossless streams say in their fifth byte whether alpha is used: 14 + 14 bits of size precede.
    flag |= flags.alpha;
  }
  const header = concat([
    Uint8Array.of(flag, 0, 0, 0),
    le(size.width - 1, 3),
    le(size.height - 1, 3),
  ]);
  const body = [chunk('VP8X', header)];
  if (icc) body.push(chunk('ICCP', icc));
  body.push(webp.subarray(from));
  if (exif) body.push(chunk('EXIF', exif));
  if (xmp) body.push(chunk('XMP ', xmp));
  const length = body.reduce((sum, part) => sum + part.length, 4);
  return concat([ascii('RIFF'), le(length, 4), ascii('WEBP'), ...body]);
}
