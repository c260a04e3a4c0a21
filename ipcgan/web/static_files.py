"""The page's files, read once: no name from outside reaches the file system."""

import dataclasses
import hashlib
from pathlib import Path

FOLDER = Path(__file__).with_name("static")
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".jpg": "image/jpeg",
    ".png": "image/png",
}


@dataclasses.dataclass(frozen=True)
class StaticFile:
    """A file of the page.

    Attributes:
        content: what is in it.
        kind: its media type.
        tag: changes with its content.
    """

    content: bytes
    kind: str
    tag: str


def read(folder: Path = FOLDER) -> dict[str, StaticFile]:
    """Returns the files by their paths as the page names them, such as "page.js"."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix in _KINDS and path.is_file():
            content = path.read_bytes()
            tag = hashlib.sha256(content).hexdigest()[:16]
            name = path.relative_to(folder).as_posix()
            found[name] = StaticFile(content, _KINDS[path.suffix], tag)
    return found
