"""Keeps the process small: memory that large pictures took goes back to the system."""

import contextlib
import ctypes

# Source: malloc.h of the GNU C library, which most Linux systems have.
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
_LARGE = 1 << 20  # bytes; what is larger has pages of its own, which go when it goes.
_ARENAS = 2


def keep_small() -> None:
    """Makes the C library hold on to less; nothing happens where it is another."""
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_MMAP_THRESHOLD, _LARGE)
        library.mallopt(_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Gives what is free back to the system."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
