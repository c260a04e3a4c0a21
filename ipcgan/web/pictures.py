"""The pictures that were opened, in memory alone, each for a few minutes."""

import dataclasses
import secrets
import threading
import time
from collections.abc import Callable

import numpy as np

from ipcgan.photos import Face
from ipcgan.web.answers import Refused

_ID_BYTES = 16  # nobody guesses one.


@dataclasses.dataclass(frozen=True, eq=False)
class Opened:
    """A picture that was opened.

    Attributes:
        content: its file.
        format: Pillow's name of the file's format.
        width, height: of the upright picture, in pixels.
        faces: the largest first.
        judged: of each face (years, descriptor [D]), or None: not judged.
        shown: whether browsers show the file just as it is read here.
    """

    content: bytes
    format: str
    width: int
    height: int
    faces: tuple[Face, ...]
    judged: tuple[tuple[float, np.ndarray] | None, ...]
    shown: bool


class Pictures:
    """Opened pictures by their identifiers; any thread may call it.

    Args:
        kept_bytes: of all files; those unused for longest make room for a new one.
        kept_seconds: after which a picture that nobody used is forgotten.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        kept_bytes: int,
        kept_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._kept_bytes, self._kept_seconds = kept_bytes, kept_seconds
        self._clock = clock
        # Identifier -> (picture, when it was last used), longest unused first.
        self._entries: dict[str, tuple[Opened, float]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Returns how many are held, after those that are due were forgotten."""
        self.forget()
        return len(self._entries)

    def add(self, picture: Opened) -> str:
        """Keeps a picture; returns its identifier."""
        name = secrets.token_urlsafe(_ID_BYTES)
        self.forget()
        with self._lock:
            self._entries[name] = picture, self._clock()
            total = sum(len(entry.content) for entry, _ in self._entries.values())
            for oldest in list(self._entries):
                if total <= self._kept_bytes or oldest == name:
                    break
                total -= len(self._entries.pop(oldest)[0].content)
        return name

    def get(self, name: str) -> Opened:
        """Returns a picture, which is kept for longer by it.

        Raises:
            Refused: "gone", if it was forgotten or never was.
        """
        self.forget()
        with self._lock:
            if name not in self._entries:
                raise Refused("gone")
            picture, _ = self._entries.pop(name)
            self._entries[name] = picture, self._clock()
            return picture

    def remove(self, name: str) -> None:
        """Forgets a picture, if it is there."""
        with self._lock:
            self._entries.pop(name, None)

    def forget(self) -> None:
        """Forgets all that were not used for kept_seconds."""
        due = self._clock() - self._kept_seconds
        with self._lock:
            for name, (_, used) in list(self._entries.items()):
                if used > due:
                    break
                del self._entries[name]
