"""Records with their decoded pictures, all of one size."""

import dataclasses
from collections.abc import Iterable, Sequence

import numpy as np

from ipcgan.data import images
from ipcgan.data.records import Record


@dataclasses.dataclass(frozen=True)
class Faces:
    """N faces.

    Attributes:
        records: what is known of each.
        pixels: [N, S, S, 3] uint8 RGB.
    """

    records: tuple[Record, ...]
    pixels: np.ndarray

    def __len__(self):
        return len(self.records)

    @property
    def groups(self) -> np.ndarray:
        """Age groups, [N] int; -1 where unknown."""
        return np.array([-1 if r.group is None else r.group for r in self.records], int)

    def at(self, rows: Sequence[int] | np.ndarray) -> "Faces":
        """Returns the faces of some rows, or those where a [N] bool array is true."""
        rows = np.arange(len(self))[rows]
        return Faces(tuple(self.records[row] for row in rows), self.pixels[rows])


def read_faces(
    records: Iterable[Record], size: int, at_most: int | None = None
) -> tuple[Faces, list[str]]:
    """Reads faces until there are `at_most`.

    Args:
        records: in the order in which to read them.
        size: side S that each is cut and resized to, in pixels.
        at_most: None: all.

    Returns:
        (the faces, why each of the others on the way could not be read).
    """
    kept: list[Record] = []
    pixels: list[np.ndarray] = []
    unreadable: list[str] = []
    for record in records:
        if len(kept) == at_most:
            break
        try:
            pixels.append(images.resize(images.read_image(record.path), size))
        except images.ImageError as error:
            unreadable.append(str(error))
            continue
        kept.append(record)
    empty = np.zeros((0, size, size, 3), np.uint8)
    return Faces(tuple(kept), np.stack(pixels) if pixels else empty), unreadable


def spread_over_groups(
    records: Sequence[Record], random: np.random.Generator
) -> list[Record]:
    """Shuffles records so that every beginning of the list has all groups equally.

    When a group runs out, the others continue. Records without a group come last.
    """
    shuffled = [records[i] for i in random.permutation(len(records))]
    turns: dict[int | None, int] = {}
    order = []
    for record in shuffled:
        turn = turns[record.group] = turns.get(record.group, -1) + 1
        order.append((record.group is None, turn))
    return [r for _, r in sorted(zip(order, shuffled, strict=True), key=lambda x: x[0])]


def evenly_spread(items: Sequence, at_most: int) -> list:
    """Returns at most so many items, evenly spread from first to last; 0: all."""
    if not at_most or len(items) <= at_most:
        return list(items)
    rows = np.linspace(0, len(items) - 1, at_most).round().astype(int)
    return [items[row] for row in rows]
