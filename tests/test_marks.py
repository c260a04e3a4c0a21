"""The mark of what AI made, read by other means than it was written by."""

import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from ipcgan.data import images, marks, saving

COMPOSITE = (
    "http://cv.iptc.org/newscodes/digitalsourcetype/"
    "compositeWithTrainedAlgorithmicMedia"
)
GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
TYPE = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
DC = "{http://purl.org/dc/elements/1.1/}"
TIFF = "{http://ns.adobe.com/tiff/1.0/}"
XAP = "{http://ns.adobe.com/xap/1.0/}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"

OLD = b"""<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 5.6">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="uuid:1"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
    xmlns:xmpGImg="http://ns.adobe.com/xap/1.0/g/img/"
    xmp:Rating="4" tiff:Orientation="6">
   <xmp:Thumbnails><rdf:Alt><rdf:li xmpGImg:image="/9j/4AAQ"/></rdf:Alt>
   </xmp:Thumbnails>
  </rdf:Description>
  <rdf:Description rdf:about="uuid:1" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture">
   <dc:creator><rdf:Seq><rdf:li>Zo\xc3\xab &amp; Co</rdf:li></rdf:Seq></dc:creator>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


def types(packet):
    """Every digital source type of a packet: of elements, and of attributes."""
    tree = ET.fromstring(packet.decode("utf-8-sig"))
    found = [element.text for element in tree.iter(TYPE)]
    return found + [e.attrib[TYPE] for e in tree.iter() if TYPE in e.attrib]


def test_a_new_packet_has_the_mark():
    packet = marks.packet(COMPOSITE)
    assert types(packet) == [COMPOSITE]
    assert packet.startswith(b'<?xpacket begin="\xef\xbb\xbf"')
    assert packet.endswith(b'<?xpacket end="w"?>')


def test_other_properties_stay():
    packet = marks.packet(COMPOSITE, OLD)
    assert types(packet) == [COMPOSITE]
    tree = ET.fromstring(packet.decode())
    (creator,) = tree.iter(f"{DC}creator")
    assert creator.find(f"{RDF}Seq/{RDF}li").text == "Zoë & Co"
    described = list(tree.iter(f"{RDF}Description"))
    assert described[0].attrib[f"{XAP}Rating"] == "4"
    assert {d.attrib[f"{RDF}about"] for d in described} == {"uuid:1"}
    # It lies upright now, and no thumbnail shows what it was.
    assert [e.text for e in tree.iter(f"{TIFF}Orientation")] == ["1"]
    assert not any(f"{TIFF}Orientation" in d.attrib for d in described)
    assert not list(tree.iter(f"{XAP}Thumbnails"))
    # Readers that look for the usual prefixes find them.
    assert b"dc:creator" in packet and b"xmp:Rating" in packet
    assert types(marks.packet(COMPOSITE, packet)) == [COMPOSITE]


def test_what_ai_made_altogether_remains_so():
    generated = marks.packet(GENERATED)
    assert types(marks.packet(COMPOSITE, generated)) == [GENERATED]


def test_a_packet_without_a_description_gets_one():
    empty = b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
    assert types(marks.packet(COMPOSITE, empty)) == [COMPOSITE]


@pytest.mark.parametrize(
    "old",
    [
        b"nothing",
        b"<a/>",
        OLD[:500],
        b"\xff\xfe" + OLD.decode().encode("utf-16-le"),
        b'<!DOCTYPE a [<!ENTITY b "c">]>' + OLD,
        b"<a>" * 100_000 + b"</a>" * 100_000,
        OLD.replace(b"<rdf:Seq>", b"<rdf:Seq>" + b"<a>" * 9_000).replace(
            b"</rdf:Seq>", b"</a>" * 9_000 + b"</rdf:Seq>"
        ),
    ],
    ids="text other cut utf-16 entities deep deeper".split(),
)
def test_what_is_no_xmp_is_an_error(old):
    with pytest.raises(marks.XMPError, match="malformed XMP"):
        marks.packet(COMPOSITE, old)


def test_every_format_carries_it(tmp_path):
    pixels = np.full((16, 16, 3), 99, np.uint8)
    for ending in ("jpg", "png", "webp", "tiff"):
        path = tmp_path / f"a.{ending}"
        images.write_image(path, pixels, marks.AGED)
        assert types(xmp_of(path)) == [COMPOSITE]
        with Image.open(path) as image:
            assert types(image.info["xmp"]) == [COMPOSITE]
        images.write_image(path, pixels)
        assert b"DigitalSourceType" not in path.read_bytes()


def xmp_of(path):
    """The packet of a file, found as programs do that know no format."""
    found = re.findall(rb"<x:xmpmeta.*?</x:xmpmeta>", path.read_bytes(), re.DOTALL)
    (packet,) = found
    return packet


def test_an_animation_carries_it_and_still_moves(tmp_path):
    path = tmp_path / "a.gif"
    frames = [np.full((16, 20, 3), level, np.uint8) for level in (0, 100, 200)]
    saving.write_animation(path, frames, marks.AGED)
    assert types(xmp_of(path)) == [COMPOSITE]
    with Image.open(path) as image:
        assert image.n_frames == 3
        for frame, level in enumerate((0, 100, 200)):
            image.seek(frame)
            assert image.convert("RGB").getpixel((5, 5)) == (level,) * 3
    # As the standard has it: blocks of parts that say how long they are, to the end.
    assert gif_blocks(path.read_bytes())[-1].startswith(b"XMP DataXMP")


def gif_blocks(content):
    """The application blocks of a GIF file, read as a reader does that skips them."""
    file, found = io.BytesIO(content), []
    head = file.read(13)
    if head[10] & 0x80:
        file.read(3 * 2 ** ((head[10] & 7) + 1))
    while (kind := file.read(1)) != b";":
        if kind == b",":
            flags = file.read(9)[8]
            if flags & 0x80:
                file.read(3 * 2 ** ((flags & 7) + 1))
            file.read(1)
            is_application = False
        else:
            assert kind == b"!"
            is_application = file.read(1) == b"\xff"
        parts = []
        while length := file.read(1)[0]:
            parts.append(file.read(length))
        if is_application:
            found.append(b"".join(parts))
    assert not file.read()
    return found
