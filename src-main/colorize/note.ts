import type { Photo } from '../image/photo';

/**
 * The IPTC's "digital source type" for pictures that a trained model completed: how viewers and
 * archives learn that the colours were not photographed.
 */
const sourceType =
  'http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia';

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** An XMP packet, or the photo's own, with the note that a model coloured the picture. */
export function withColourNote(xmp: Uint8Array | undefined, note: string): Uint8Array {
  const text = note.replaceAll(/[&<>"]/g, (sign) => escapes[sign]!);
  const description =
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" ' +
    'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" ' +
    `Iptc4xmpExt:DigitalSourceType="${sourceType}" photoshop:Instructions="${text}"/>`;
  const packet = xmp && Buffer.from(xmp).toString('utf8');
  const end = packet?.lastIndexOf('</rdf:RDF>') ?? -1;
  if (packet !== undefined && end >= 0) {
    return Buffer.from(packet.slice(0, end) + description + packet.slice(end));
  }
  return Buffer.from(
    '<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>' +
      '<x:xmpmeta xmlns:x="adobe:ns:meta/">' +
      '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
      `${description}</rdf:RDF></x:xmpmeta><?xpacket end="w"?>`,
  );
}

/** A coloured photo as it is to be written: without EXIF and XMP where those are not wanted, and with the note. */
export function markedColours(
  photo: Photo,
  { metadata, note }: { metadata: boolean; note: boolean },
): Photo {
  const marked = { ...photo };
  if (!metadata) {
    delete marked.exif;
    delete marked.xmp;
  }
  if (note) marked.xmp = withColourNote(marked.xmp, 'AI colourised with Lavi');
  return marked;
}
