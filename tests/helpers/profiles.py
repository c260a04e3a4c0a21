"""Colour profiles (ICC version 2), put together by hand from published numbers."""

import struct

import numpy as np

# XYZ of the primaries for a D50 white: Adobe RGB (1998), and sRGB (IEC 61966-2-1).
ADOBE = np.array(
    [(0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087)]
    + [(0.14919, 0.06322, 0.74457)]
)
SRGB = np.array(
    [(0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708)]
    + [(0.14307, 0.06061, 0.71410)]
)
ADOBE_GAMMA = 563 / 256


def rgb_profile(primaries=ADOBE, gamma=ADOBE_GAMMA):
    tags = {f"{c}XYZ": _xyz(p) for c, p in zip("rgb", primaries, strict=True)}
    return _profile(b"RGB ", tags | {f"{c}TRC": _curve(gamma) for c in "rgb"})


def grey_profile(gamma):
    return _profile(b"GRAY", {"kTRC": _curve(gamma)})


def adobe_to_srgb(pixels):
    """Returns what Adobe RGB pixels [..., 3] are in sRGB: 0 to 255, not rounded."""
    linear = (np.asarray(pixels) / 255) ** ADOBE_GAMMA
    linear = linear @ ADOBE @ np.linalg.inv(SRGB)
    return 255 * srgb_curve(linear.clip(0, 1))


def srgb_curve(linear):
    low = 12.92 * linear
    return np.where(linear <= 0.0031308, low, 1.055 * linear ** (1 / 2.4) - 0.055)


def _fixed(value):
    return struct.pack(">i", round(value * 65536))


def _xyz(values):
    return b"XYZ \0\0\0\0" + b"".join(_fixed(value) for value in values)


def _curve(gamma):
    return b"curv\0\0\0\0" + struct.pack(">IHH", 1, round(gamma * 256), 0)


def _profile(space, tags):
    text = b"a test\0"
    about = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(12 + 67)
    tags = {"desc": about, "cprt": b"text\0\0\0\0" + text, **tags}
    tags["wtpt"] = _xyz((0.9642, 1.0, 0.8249))
    start = 128 + 4 + 12 * len(tags)
    table, content = struct.pack(">I", len(tags)), b""
    for name, block in tags.items():
        place = start + len(content)
        table += name.encode() + struct.pack(">II", place, len(block))
        content += block + bytes(-len(block) % 4)
    size = struct.pack(">I", start + len(content))
    head = size + bytes(4) + struct.pack(">I", 0x02400000) + b"mntr" + space + b"XYZ "
    head += bytes(12) + b"acsp" + bytes(28)
    head += b"".join(_fixed(v) for v in (0.9642, 1.0, 0.8249))
    return head.ljust(128, b"\0") + table + content
