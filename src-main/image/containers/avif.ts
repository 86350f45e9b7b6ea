import { LaviError } from '../../api/errors';
import { viewOf } from '../ifd';
import { ascii, be, concat, fourCc } from './bytes';
import type { Metadata } from './bytes';

interface Box {
  type: string;
  /** Without the 8-byte header; version and flags of a full box included. */
  body: Uint8Array;
}

const box = (type: string, ...parts: Uint8Array[]): Uint8Array => {
  const body = concat(parts);
  return concat([be(body.length + 8, 4), ascii(type), body]);
};

function readBoxes(bytes: Uint8Array, from: number): Box[] {
  const boxes: Box[] = [];
  for (let at = from; at + 8 <= bytes.length;) {
    const size = viewOf(bytes).getUint32(at);
    if (size < 8 || at + size > bytes.length) throw unexpected(`a box of ${size} bytes`);
    boxes.push({ type: fourCc(bytes, at + 4), body: bytes.subarray(at + 8, at + size) });
    at += size;
  }
  return boxes;
}

const unexpected = (what: string): LaviError =>
  new LaviError('INTERNAL', `Expected an AVIF file as libheif writes it and found ${what}.`);

/**
 * Adds an ICC profile, EXIF and XMP to a still AVIF written by libheif without them: an unrestricted
 * profile as a colour property of the primary item, EXIF and XMP as items of their own that describe
 * it (ISO/IEC 23008-12, annex A; MIAF). Their data goes behind the file; offsets of the items that
 * were there grow with the meta box.
 */
export function avifWithMetadata(avif: Uint8Array, { icc, exif, xmp }: Metadata): Uint8Array {
  if (!icc && !exif && !xmp) return avif;
  const metaAt = viewOf(avif).getUint32(0);
  if (fourCc(avif, metaAt + 4) !== 'meta') throw unexpected('no meta box behind ftyp');
  const metaEnd = metaAt + viewOf(avif).getUint32(metaAt);
  const children = readBoxes(avif.subarray(0, metaEnd), metaAt + 12);
  const body = (type: string): Uint8Array | undefined =>
    children.find((child) => child.type === type)?.body;
  const [pitm, iloc, iinf, iprp] = ['pitm', 'iloc', 'iinf', 'iprp'].map(body);
  if (!pitm || !iloc || !iinf || !iprp) throw unexpected('no item tables');
  const iref = body('iref');
  const primary = viewOf(pitm).getUint16(4);
  const lastId = Math.max(...itemIds(iloc));
  const items: NewItem[] = [];
  if (exif) {
    // The first four bytes tell where, behind them, the TIFF header lies.
    items.push({ id: lastId + 1, type: 'Exif', data: concat([be(0, 4), exif]) });
  }
  if (xmp) items.push({ id: lastId + 1 + items.length, type: 'mime', data: xmp });

  const build = (shift: number): Uint8Array => {
    const made: Record<string, Uint8Array> = {
      iloc: newLocations(iloc, items, shift, avif.length + shift + 8),
      iinf: newInfos(iinf, items),
      iprp: icc ? newProperties(iprp, icc, primary) : box('iprp', iprp),
      iref: newReferences(iref, items, primary),
    };
    const rebuilt = children.map(({ type, body: old }) => made[type] ?? box(type, old));
    if (!iref && items.length > 0) rebuilt.push(made['iref']!);
    return box('meta', be(0, 4), ...rebuilt);
  };
  // Lengths do not depend on the offsets' values: one dry run tells how far the data moves.
  const shift = build(0).length - (metaEnd - metaAt);
  const parts = [avif.subarray(0, metaAt), build(shift), avif.subarray(metaEnd)];
  if (items.length > 0) parts.push(box('mdat', ...items.map((item) => item.data)));
  return concat(parts);
}

interface NewItem {
  id: number;
  type: 'Exif' | 'mime';
  data: Uint8Array;
}

/** What libheif writes: version 0, four-byte offsets, lengths and base offsets, one extent an item. */
const itemSize = 18;

function itemIds(iloc: Uint8Array): number[] {
  const view = viewOf(iloc);
  if (view.getUint32(0) !== 0 || view.getUint16(4) !== 0x4440)
    throw unexpected('another iloc form');
  const count = view.getUint16(6);
  if (iloc.length !== 8 + itemSize * count) throw unexpected('items of several extents');
  return Array.from({ length: count }, (_, i) => view.getUint16(8 + itemSize * i));
}

function newLocations(old: Uint8Array, items: NewItem[], shift: number, dataAt: number) {
  const moved = new Uint8Array(old);
  const view = viewOf(moved);
  const count = view.getUint16(6);
  for (let i = 0; i < count; i++) {
    // Id, data reference, base offset, extent count, then the extent's offset and length.
    const at = 8 + itemSize * i + 10;
    view.setUint32(at, view.getUint32(at) + shift);
  }
  view.setUint16(6, count + items.length);
  let at = dataAt;
  const added = items.map(({ id, data }) => {
    const entry = [be(id, 2), be(0, 2), be(0, 4), be(1, 2), be(at, 4), be(data.length, 4)];
    at += data.length;
    return concat(entry);
  });
  return box('iloc', moved, ...added);
}

function newInfos(old: Uint8Array, items: NewItem[]): Uint8Array {
  const head = new Uint8Array(old);
  const view = viewOf(head);
  if (head[0] !== 0) throw unexpected('another iinf version');
  view.setUint16(4, view.getUint16(4) + items.length);
  const added = items.map(({ id, type }) => {
    const rest = type === 'mime' ? 'mime\0application/rdf+xml\0' : 'Exif\0';
    return box('infe', be(0x02000000, 4), be(id, 2), be(0, 2), ascii(rest));
  });
  return box('iinf', head, ...added);
}

function newReferences(old: Uint8Array | undefined, items: NewItem[], primary: number) {
  if (old && old[0] !== 0) throw unexpected('another iref version');
  const added = items.map(({ id }) => box('cdsc', be(id, 2), be(1, 2), be(primary, 2)));
  return box('iref', old ?? be(0, 4), ...added);
}

function newProperties(old: Uint8Array, icc: Uint8Array, primary: number): Uint8Array {
  const [ipco, ipma, ...rest] = readBoxes(old, 0);
  if (ipco?.type !== 'ipco' || ipma?.type !== 'ipma' || rest.length > 0) {
    throw unexpected('another order of property boxes');
  }
  const index = readBoxes(ipco.body, 0).length + 1;
  const view = viewOf(ipma.body);
  if (view.getUint32(0) !== 0 || index > 127) throw unexpected('another ipma form');
  let at = 8;
  for (let left = view.getUint32(4); left > 0; left--) {
    const end = at + 3 + ipma.body[at + 2]!;
    if (view.getUint16(at) === primary) {
      const grown = concat([ipma.body.subarray(0, end), be(index, 1), ipma.body.subarray(end)]);
      grown[at + 2]!++;
      const colr = box('colr', ascii('prof'), icc);
      return box('iprp', box('ipco', ipco.body, colr), box('ipma', grown));
    }
    at = end;
  }
  throw unexpected('no properties of the primary item');
}
