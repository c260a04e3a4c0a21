"""EXIF as a camera writes it, put together by hand."""

import struct

MAKER_NOTE = b"Maker\0" + bytes(range(64))
DATE = b"2019:05:04 03:02:01\0"


def block(order="<", orientation=6, thumbnail=b"", size=(640, 480)):
    """A block from its TIFF header on: IFD0 with EXIF and GPS, IFD1 with a thumbnail.

    Args:
        order: "<" as Intel, or ">" as Motorola has its numbers.
        orientation: of the picture.
        thumbnail: bytes of a JPEG file, at the block's end; b"": there is no IFD1.
        size: width and height that EXIF says the picture has, as it is stored.
    """
    magic = b"II" if order == "<" else b"MM"
    short = lambda value: struct.pack(f"{order}HH", value, 0)  # noqa: E731
    long = lambda value: struct.pack(f"{order}I", value)  # noqa: E731
    inner = [  # tag, type, count, value or what goes behind
        (0x9003, 2, len(DATE), DATE),
        (0x927C, 7, len(MAKER_NOTE), MAKER_NOTE),
        (0xA002, 4, 1, long(size[0])),
        (0xA003, 4, 1, long(size[1])),
    ]
    gps = [
        (1, 2, 2, b"N\0\0\0"),
        (2, 5, 3, struct.pack(f"{order}6I", 52, 1, 31, 1, 12, 1)),
    ]
    first = [
        (0x010F, 2, 6, b"Leica\0"),
        (0x0112, 3, 1, short(orientation)),
        (0x0132, 2, len(DATE), DATE),
        (0x8769, 4, 1, None),
        (0x8825, 4, 1, None),
    ]

    def directory(entries, start, following=0):
        """The bytes of a directory at `start`, and what does not fit behind it."""
        room = start + 2 + 12 * len(entries) + 4
        head, behind = struct.pack(f"{order}H", len(entries)), b""
        for tag, kind, count, value in entries:
            head += struct.pack(f"{order}HHI", tag, kind, count)
            if len(value) > 4:
                head += long(room + len(behind))
                behind += value + bytes(len(value) % 2)
            else:
                head += value.ljust(4, b"\0")
        return head + long(following) + behind

    def length(entries):
        filled = [(t, k, c, v or b"\0\0\0\0") for t, k, c, v in entries]
        return len(directory(filled, 0))

    inner_at = 8 + length(first)
    gps_at = inner_at + length(inner)
    second_at = gps_at + length(gps)
    places = {0x8769: long(inner_at), 0x8825: long(gps_at)}
    first = [(t, k, c, places.get(t, v)) for t, k, c, v in first]
    result = magic + struct.pack(f"{order}HI", 42, 8)
    result += directory(first, 8, second_at if thumbnail else 0)
    result += directory(inner, inner_at) + directory(gps, gps_at)
    if thumbnail:
        second = [
            (0x0103, 3, 1, short(6)),
            (0x0201, 4, 1, long(second_at + 2 + 3 * 12 + 4)),
            (0x0202, 4, 1, long(len(thumbnail))),
        ]
        result += directory(second, second_at) + thumbnail
    return result
