"""Files that exist in memory alone, for what reads files by their path."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def held(content: bytes) -> Iterator[Path]:
    """Yields the path of a file of this process alone, on no disk; Linux only.

    Args:
        content: of the file, which is gone when the `with` block ends.
    """
    descriptor = os.memfd_create("picture", os.MFD_CLOEXEC)
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(content)
        yield Path(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)
