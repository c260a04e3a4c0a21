"""Ageing by prototypes: what age changes in the mean face, and in its contrast.

A prototype is the mean of many faces of one age group and kind. What two of them differ
by is what age does to all faces of the kind; added to a face, and with its contrast
raised or lowered as the groups' contrasts differ, it ages the face without any network.

A group's pictures also share a colour cast, by when and where they were taken. It is
left out, and a face gets as much of the other colours as it has colour itself: none, in
a black and white photograph.

Sources: Burt and Perrett, "Perception of age in adult Caucasian male faces", Proc. R.
Soc. B 1995, for the mean; Tiddeman, Burt, Perrett, "Prototyping and transforming facial
textures for perception research", IEEE CG&A 2001, for the contrast.
"""

import dataclasses
import functools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from tqdm import tqdm

from ipcgan.data.image_store import ImageStore
from ipcgan.data.records import DataError, Record

FEWEST = 40  # faces of a kind in either group; a mean of fewer is somebody's face.
_MOST = 300  # faces of a group and kind that are read; more change their mean little.
_BANDS = 4  # of the contrast, each of half the size of the one before.
_BLUR = (8, 4, 3, 2)  # pixels of each band over which contrast is averaged.
_MOST_CONTRAST = 3.0  # factor by which contrast is raised or lowered at most.
_LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)  # of RGB; ITU-R BT.601.
_THREADS = 4


@dataclasses.dataclass(frozen=True)
class _Mean:
    """Of `count` faces: the mean [S, S, 3], and each band's mean square [s, s]."""

    count: int
    face: np.ndarray
    squares: tuple[np.ndarray, ...]


class Prototypes:
    """Ages faces by the means of a training set's groups; any thread may call it.

    Means are of one gender, race and collection, as far as both groups have FEWEST such
    faces; else of one gender and race, of one gender, or of all.

    Args:
        store: the faces, with labels.
        strength: how often the difference is added; faces differ from each other by
            more than means do, which lose all that is not at the same place. 1: once.
            Contrasts lose nothing in their means, and change once.
        seed: of the choice of faces, where there are more than are read.

    Raises:
        DataError: if every face of a group is unreadable.
    """

    def __init__(self, store: ImageStore, strength: float, seed: int = 0):
        self._store, self._strength = store, strength
        self._means = self._read(seed)
        self._changed = functools.lru_cache(maxsize=512)(self._change)

    def __call__(self, face: np.ndarray, record: Record, group: int) -> np.ndarray:
        """Ages a face.

        Args:
            face: [S, S, 3] uint8 RGB, perhaps mirrored.
            record: its labels; the age group must be known.
            group: to age to.

        Returns:
            [S, S, 3] float32 in [0, 255]; the face itself for its own group.
        """
        if record.group == group:
            return face.astype(np.float32)
        kind = self._kind(record, group)
        luminance, chroma, typical, factors = self._changed(record.group, group, kind)
        share = min(1.0, _colourfulness(face) / typical) if typical else 1.0
        bands, rest = _bands(face + luminance + share * chroma)
        bands = [band * factor for band, factor in zip(bands, factors, strict=True)]
        return np.clip(_sum(bands, rest), 0.0, 255.0)

    def _kind(self, record, group):
        """Returns the narrowest kind of which both groups have enough faces."""
        for kind in _kinds(record):
            counts = [
                self._means[g, kind].count if (g, kind) in self._means else 0
                for g in (record.group, group)
            ]
            if min(counts) >= FEWEST:
                return kind
        return ()

    def _change(self, source, target, kind):
        """Returns what is added to a face of a kind, and by what it is multiplied.

        (Luminance, chroma, the colourfulness that goes with it, each band's factor.)
        """
        before, after = self._means[source, kind], self._means[target, kind]
        luminance, chroma = _luminance_and_chroma(
            self._strength * (after.face - before.face)
        )
        chroma -= chroma.mean(axis=(0, 1))
        factors = []
        for blur, old, new in zip(_BLUR, before.squares, after.squares, strict=True):
            old, new = (cv2.GaussianBlur(x, (0, 0), blur) + 1.0 for x in (old, new))
            factor = np.clip(np.sqrt(new / old), 1 / _MOST_CONTRAST, _MOST_CONTRAST)
            factors.append(factor.astype(np.float32)[..., None])
        return luminance, chroma, _colourfulness(before.face), factors

    def _read(self, seed):
        """Returns {(group, kind): _Mean} of all kinds that there are."""
        finest: dict[tuple, list[int]] = {}
        for position, record in enumerate(self._store.records):
            if record.group is not None:
                key = record.group, next(_kinds(record))
                finest.setdefault(key, []).append(position)
        random = np.random.default_rng(seed)
        chosen = {
            k: random.permutation(p)[:_MOST] for k, p in sorted(finest.items(), key=str)
        }
        parts: dict[tuple, list[_Mean]] = {}
        with (
            ThreadPoolExecutor(_THREADS) as pool,
            tqdm(
                total=sum(map(len, chosen.values())), unit="face", desc="means"
            ) as bar,
        ):
            for (group, kind), mean in zip(
                chosen,
                pool.map(lambda p: self._mean(p, bar), chosen.values()),
                strict=True,
            ):
                for wider in (kind, *_wider(kind)):
                    parts.setdefault((group, wider), []).append(mean)
        means = {k: _joined(m) for k, m in parts.items() if any(x.count for x in m)}
        for group, _ in chosen:
            if (group, ()) not in means:
                raise DataError(
                    f"Every face of age group number {group} is unreadable."
                )
        return means

    def _mean(self, positions: Sequence[int], bar) -> _Mean:
        faces, size = 0, self._store.image_size
        total = np.zeros((size, size, 3), np.float32)
        squares = [np.zeros_like(b) for b in _bands(total[..., 0])[0]]
        for position in positions:
            face = self._store.face(int(position))
            bar.update()
            if face is None:
                continue
            faces += 1
            # With its mirror image: no side of a face ages by itself.
            for each in (face, face[:, ::-1]):
                total += each
            luminance, _ = _luminance_and_chroma(face)
            for index, band in enumerate(_bands(luminance[..., 0])[0]):
                squares[index] += band**2 + band[:, ::-1] ** 2
        count = max(1, 2 * faces)
        return _Mean(faces, total / count, tuple(square / count for square in squares))


def _kinds(record):
    """Yields what faces may have in common with this one, narrowest kind first."""
    kind = (record.gender, record.race, record.collection)
    yield kind
    yield from _wider(kind)


def _wider(kind):
    gender, race, _ = kind
    yield gender, race
    yield (gender,)
    yield ()


def _joined(means):
    """Returns the mean of several, weighted by their counts."""
    means = [mean for mean in means if mean.count]
    count = sum(mean.count for mean in means)
    shares = [mean.count / count for mean in means]
    return _Mean(
        count,
        sum(s * m.face for s, m in zip(shares, means, strict=True)),
        tuple(
            sum(s * square for s, square in zip(shares, squares, strict=True))
            for squares in zip(*(m.squares for m in means), strict=True)
        ),
    )


def _luminance_and_chroma(image):
    luminance = (image.astype(np.float32) @ _LUMINANCE)[..., None]
    return luminance, image - luminance


def _colourfulness(face):
    """Returns the root mean square of a face's chroma; 0 for shades of grey."""
    return float(np.sqrt(np.square(_luminance_and_chroma(face)[1]).mean()))


def _bands(image):
    """Splits an image into bands of its detail, finest first, and what is left.

    Source: Burt and Adelson, "The Laplacian Pyramid as a Compact Image Code", 1983.
    """
    bands = []
    for _ in range(_BANDS):
        smaller = cv2.pyrDown(image)
        bands.append(image - cv2.pyrUp(smaller, dstsize=image.shape[1::-1]))
        image = smaller
    return bands, image


def _sum(bands, rest):
    for band in reversed(bands):
        rest = band + cv2.pyrUp(rest, dstsize=band.shape[1::-1])
    return rest
