import { ascii, be, concat } from './bytes';
import type { Metadata } from './bytes';

/** A segment's length field counts itself: 65,535 − 2 bytes are left for the data. */
const maxSegment = 65_533;
const exifHead = ascii('Exif\0\0');
const xmpHead = ascii('http://ns.adobe.com/xap/1.0/\0');
const iccHead = ascii('ICC_PROFILE\0');

const segment = (marker: number, ...data: Uint8Array[]): Uint8Array => {
  const body = concat(data);
  return concat([Uint8Array.of(0xff, marker), be(body.length + 2, 2), body]);
};

/**
 * Adds EXIF (APP1), XMP (APP1) and the ICC profile (APP2, in as many parts as it needs) to a JPEG
 * that has none of them, before everything but the JFIF marker. EXIF or XMP longer than one segment
 * cannot be held by a JPEG and is left out.
 */
export function jpegWithMetadata(jpeg: Uint8Array, { icc, exif, xmp }: Metadata): Uint8Array {
  const hasJfif = jpeg[2] === 0xff && jpeg[3] === 0xe0;
  const from = hasJfif ? 4 + ((jpeg[4]! << 8) | jpeg[5]!) : 2;
  const parts = [jpeg.subarray(0, from)];
  if (exif && exif.length + exifHead.length <= maxSegment) {
    parts.push(segment(0xe1, exifHead, exif));
  }
  if (xmp && xmp.length + xmpHead.length <= maxSegment) parts.push(segment(0xe1, xmpHead, xmp));
  if (icc) {
    const size = maxSegment - iccHead.length - 2;
    const count = Math.ceil(icc.length / size);
    for (let i = 0; i < count; i++) {
      const part = icc.subarray(i * size, (i + 1) * size);
      parts.push(segment(0xe2, iccHead, Uint8Array.of(i + 1, count), part));
    }
  }
  parts.push(jpeg.subarray(from));
  return concat(parts);
}
