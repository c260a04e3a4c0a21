"""The mark of pictures that AI made: IPTC's digital source type, in an XMP packet.

Article 50 of Regulation (EU) 2024/1689 asks for marks that machines read. Source of the
property and its values: IPTC Photo Metadata Standard, "Digital Source Type".
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from ipcgan.data.content_credentials import Credentials

_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
COMPOSITE = f"{_TYPES}compositeWithTrainedAlgorithmicMedia"
GENERATED = f"{_TYPES}trainedAlgorithmicMedia"
_IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XMLNS = "http://www.w3.org/2000/xmlns/"
_TYPE = (_IPTC, "DigitalSourceType")
_ORIENTATION = ("http://ns.adobe.com/tiff/1.0/", "Orientation")
_THUMBNAILS = ("http://ns.adobe.com/xap/1.0/", "Thumbnails")
_NEW = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{rdf}">'
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="{iptc}">'
    "<Iptc4xmpExt:DigitalSourceType>{value}</Iptc4xmpExt:DigitalSourceType>"
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)
_PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n{}\n<?xpacket end="w"?>'
)


@dataclasses.dataclass(frozen=True)
class Mark:
    """How a written picture says what made it.

    Attributes:
        source_type: COMPOSITE or GENERATED.
        credentials: to sign it with, too; None: it is not signed.
    """

    source_type: str
    credentials: Credentials | None = None


AGED = Mark(COMPOSITE)
INVENTED = Mark(GENERATED)


class XMPError(ValueError):
    """A packet that is not XMP."""


def packet(source_type: str, existing: bytes = b"") -> bytes:
    """Returns an XMP packet with a digital source type.

    All other properties of an existing packet stay, but for a thumbnail, which would
    show the picture as it was, and the orientation, which is 1 now. A picture that was
    made by AI altogether remains marked so.

    Args:
        source_type: COMPOSITE or GENERATED.
        existing: packet of the picture; b"": none.

    Returns:
        UTF-8.

    Raises:
        XMPError: if `existing` is malformed, or declares entities.
    """
    if not existing:
        xml = _NEW.format(rdf=_RDF, iptc=_IPTC, value=escape(source_type))
        return _PACKET.format(xml).encode()
    try:
        xml = _with_type(existing.decode("utf-8"), source_type)
    except (ValueError, RecursionError) as error:  # Nested without end, perhaps.
        raise XMPError(f"malformed XMP: {error}") from error
    return _PACKET.format(xml).encode()


def _with_type(text, source_type):
    from xml.dom import minidom  # Of the rare picture that has XMP.
    from xml.parsers.expat import ExpatError

    if "<!DOCTYPE" in text:
        # No packet has one, and without one there are no entities to expand.
        raise ValueError("a document type is declared")
    try:
        # minidom, as it leaves prefixes as they are: some readers look for these.
        document = minidom.parseString(text.strip("\ufeff\0 \t\r\n"))
    except ExpatError as error:
        raise ValueError(str(error)) from error
    roots = document.getElementsByTagNameNS(_RDF, "RDF")
    if not roots:
        raise ValueError("it has no rdf:RDF")
    described = _children(roots[0], (_RDF, "Description"))
    if not described:
        described = [document.createElementNS(_RDF, f"{roots[0].prefix}:Description")]
        described[0].setAttributeNS(_RDF, f"{roots[0].prefix}:about", "")
        roots[0].appendChild(described[0])
    if GENERATED in _taken(described, _TYPE):
        source_type = GENERATED
    _taken(described, _THUMBNAILS)
    if _taken(described, _ORIENTATION):
        _add(described[0], _ORIENTATION, "tiff", "1")
    _add(described[0], _TYPE, "Iptc4xmpExt", source_type)
    return document.documentElement.toxml()


def _children(element, name):
    return [
        child
        for child in element.childNodes
        if (child.namespaceURI, child.localName) == name
    ]


def _taken(described, name):
    """Removes a property wherever it is; returns the values that it had."""
    values = []
    for element in described:
        if element.hasAttributeNS(*name):
            values.append(element.getAttributeNS(*name).strip())
            element.removeAttributeNS(*name)
        for child in _children(element, name):
            parts = (part.data for part in child.childNodes if part.nodeType == 3)
            values.append("".join(parts).strip())
            element.removeChild(child)
    return values


def _add(element, name, prefix, value):
    namespace, local = name
    child = element.ownerDocument.createElementNS(namespace, f"{prefix}:{local}")
    child.setAttributeNS(_XMLNS, f"xmlns:{prefix}", namespace)
    child.appendChild(element.ownerDocument.createTextNode(value))
    element.appendChild(child)


def gif_block(xmp: bytes) -> bytes:
    """Returns a packet as a GIF's application extension.

    GIF reads such a block in parts whose first byte is their length. The packet is not
    cut into parts: whichever of its bytes a reader takes for a length, the ramp behind
    it leads to the end.

    Source: Adobe, XMP Specification Part 3, 1.1.2.
    """
    ramp = bytes([1, *range(255, -1, -1), 0])
    return b"\x21\xff\x0bXMP DataXMP" + xmp + ramp
