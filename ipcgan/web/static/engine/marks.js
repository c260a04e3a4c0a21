// The mark of pictures that AI made: IPTC's digital source type in an XMP packet, as
// data/marks.py writes it, put into JPEG and PNG files.

const TYPE =
  "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia";
export const PACKET =
  '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n' +
  '<x:xmpmeta xmlns:x="adobe:ns:meta/">' +
  '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
  '<rdf:Description rdf:about="" ' +
  'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">' +
  `<Iptc4xmpExt:DigitalSourceType>${TYPE}</Iptc4xmpExt:DigitalSourceType>` +
  "</rdf:Description></rdf:RDF></x:xmpmeta>" +
  '\n<?xpacket end="w"?>';
const PNG_HEAD = 8 + 25; // bytes: signature, and the first chunk, IHDR.
const JPEG_HEAD = 2; // bytes: the marker that a picture starts.

/**
 * Returns a file with the mark.
 * @param {Blob} blob a JPEG or PNG file as browsers write it, without XMP.
 */
export function marked(blob) {
  const [size, part] =
    blob.type === "image/png" ? [PNG_HEAD, chunk()] : [JPEG_HEAD, segment()];
  return new Blob([blob.slice(0, size), part, blob.slice(size)], { type: blob.type });
}

const bytesOf = (text) => new TextEncoder().encode(text);

/** A JPEG's APP1 segment; its length counts itself. */
function segment() {
  const content = bytesOf(`http://ns.adobe.com/xap/1.0/\0${PACKET}`);
  const length = content.length + 2;
  return Uint8Array.of(0xff, 0xe1, length >> 8, length & 255, ...content);
}

/** A PNG's iTXt chunk: keyword, two zeros (not compressed), no languages, text. */
function chunk() {
  const content = bytesOf(`iTXtXML:com.adobe.xmp\0\0\0\0\0${PACKET}`);
  const result = new Uint8Array(content.length + 8);
  const view = new DataView(result.buffer);
  view.setUint32(0, content.length - 4); // Without the chunk's name.
  result.set(content, 4);
  view.setUint32(content.length + 4, checksum(content));
  return result;
}

/** CRC-32, as PNG has it. */
function checksum(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}
