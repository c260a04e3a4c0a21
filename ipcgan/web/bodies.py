"""Reads requests' bodies: bounded each, and bounded together."""

import contextlib
import json
import threading
from collections.abc import Iterator
from typing import Any

from werkzeug.wrappers import Request

from ipcgan.web.answers import Refused

_PIECE = 1 << 16
_MOST_DRAINED = 64_000_000  # bytes of a refused body that are read, and thrown away.
_MOST_JSON = 4096


class Bodies:
    """Reads bodies while all that are on their way have room in memory.

    Args:
        together: bytes that all of them may have.
    """

    def __init__(self, together: int):
        self._free = together
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def read(self, request: Request, most: int) -> Iterator[bytes]:
        """Yields a request's body, which has its room until the `with` block ends.

        Raises:
            Refused: "too_large", "busy" or, without a length, "unsupported". What was
                sent is read all the same: a browser that is still sending would not
                look at the answer.
        """
        length = request.content_length
        if length is None or "Transfer-Encoding" in request.headers:
            raise Refused("unsupported", "Content-Length is missing")
        if length > most:
            _drain(request, length)
            raise Refused("too_large", f"{length:,} bytes")
        with self._lock:
            is_free = length <= self._free
            self._free -= length if is_free else 0
        if not is_free:
            _drain(request, length)
            raise Refused("busy")
        try:
            yield request.stream.read()
        finally:
            with self._lock:
                self._free += length

    def read_json(self, request: Request) -> dict[str, Any]:
        """Returns a request's JSON object; raises Refused if it has none."""
        try:
            with self.read(request, _MOST_JSON) as content:
                values = json.loads(content)
        except (ValueError, RecursionError):
            values = None
        if not isinstance(values, dict):
            raise Refused("unsupported", "expected a JSON object")
        return values


def _drain(request, length):
    left = min(length, _MOST_DRAINED)
    while left > 0:
        piece = request.stream.read(min(_PIECE, left))
        if not piece:
            return
        left -= len(piece)
