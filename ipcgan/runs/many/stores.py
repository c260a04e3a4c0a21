"""Folders of this machine or of an object store, by pyarrow's file systems."""

import contextlib
import os
import re
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pyarrow
from fsspec.utils import glob_translate
from pyarrow import fs, parquet

from ipcgan.data.records import DataError

# Of this program's own files in a folder: nothing is half written outside it.
OWN = ".age_many"
_BESIDE = f"{OWN}/beside"
_WILDCARD = re.compile(r"[*?\[]")
_GOOGLE_SECONDS = 60  # that Google's library tries again; else 15 minutes.
ERRORS = (OSError, pyarrow.ArrowException)


class Store:
    """A folder, wherever it is.

    Attributes:
        name: as the user wrote it, without keys; messages begin with it.

    Args:
        flag: that named it.
        address: a path, or such as s3://BUCKET/FOLDER?region=REGION, whose options are
            pyarrow's.

    Raises:
        DataError: if there is no such file system, or it does not answer.
    """

    def __init__(self, flag: str, address: str):
        head, _, options = _options_apart(address)
        scheme, found, rest = head.removeprefix("file://").partition("://")
        if not found:
            self.name = f"{flag}={address}"
            self._system, self._root = fs.LocalFileSystem(), os.path.abspath(scheme)
            return
        bucket, _, folder = rest.partition("/")
        self.name = f"{flag}={scheme}://{bucket.rpartition('@')[2]}/{folder}"
        if scheme in ("gs", "gcs") and "retry_limit_seconds" not in options:
            options = f"{options}&retry_limit_seconds={_GOOGLE_SECONDS}".lstrip("&")
        with self.errors("cannot be opened"):
            self._system, bucket = fs.FileSystem.from_uri(
                f"{scheme}://{bucket}{'?' if options else ''}{options}"
            )
        self._root = f"{bucket}/{folder}".rstrip("/")

    @property
    def local(self) -> Path | None:
        """The folder, if it is this machine's."""
        is_local = isinstance(self._system, fs.LocalFileSystem)
        return Path(self._root) if is_local else None

    def below(self, other: "Store") -> str | None:
        """Returns where in another folder this is; "": it is the same; None: not."""
        if self._system != other._system:
            return None
        here, there = (
            os.path.realpath(s._root) if s.local else s._root for s in (self, other)
        )
        if here == there:
            return ""
        start = f"{there.rstrip('/')}/"
        return here.removeprefix(start) if here.startswith(start) else None

    @contextlib.contextmanager
    def errors(self, problem: str) -> Iterator[None]:
        """Turns pyarrow's errors into one sentence.

        Raises:
            DataError: instead.
        """
        try:
            yield
        except ERRORS as error:
            text = " ".join(str(error).split()).rstrip(".")
            raise DataError(f"{self.name}: {problem}: {text}.") from error

    def listed(self, below: str = "", *, recursive: bool = True) -> list[str]:
        """Returns the names of all files below the folder, none of them hidden.

        Args:
            below: only what lies in this folder of it, which may be missing; its own
                name may be hidden.
            recursive: also what lies deeper.

        Raises:
            DataError: if it cannot be listed.
        """
        where = self._path(below)
        selector = fs.FileSelector(
            where, allow_not_found=bool(below), recursive=recursive
        )
        with self.errors("cannot be listed"):
            infos = self._system.get_file_info(selector)
        names = (i.path[len(where) + 1 :] for i in infos if i.type == fs.FileType.File)
        return sorted(n for n in names if not re.search(r"(^|/)\.", n))

    def has(self, name: str) -> bool:
        """Whether there is such a file.

        Raises:
            DataError: if the store does not tell.
        """
        return self._type(name) == fs.FileType.File

    @property
    def is_folder(self) -> bool:
        """Whether it is there, and a folder; DataError as for `has`."""
        return self._type("") == fs.FileType.Directory

    def _type(self, name):
        with self.errors("cannot be looked into"):
            return self._system.get_file_info(self._path(name)).type

    def fetch(self, name: str, path: Path) -> None:
        """Copies a file to this machine.

        Raises:
            OSError, pyarrow.ArrowException: if that cannot be done.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        here = fs.LocalFileSystem()
        fs.copy_files(self._path(name), str(path), self._system, here)

    def put(self, path: Path, name: str) -> None:
        """Copies a file of this machine here: written beside, then renamed.

        Raises:
            DataError: if it cannot be written.
        """
        beside = self._path(f"{_BESIDE}/{uuid.uuid4().hex}")
        target = self._path(name)
        with self.errors(f"{name} cannot be written"):
            if self.local:  # Object stores have no folders.
                for folder in map(os.path.dirname, (beside, target)):
                    os.makedirs(folder, exist_ok=True)
            fs.copy_files(str(path), beside, fs.LocalFileSystem(), self._system)
            self._system.move(beside, target)

    def put_text(self, text: str, name: str) -> None:
        """Writes UTF-8 text as put does."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "text")
            path.write_text(text, encoding="utf-8", newline="\n")
            self.put(path, name)

    def text(self, name: str) -> str:
        """Returns a file of UTF-8 text.

        Raises:
            DataError: if it cannot be read.
        """
        with self.errors(f"{name} cannot be read"):
            with self._system.open_input_stream(self._path(name)) as file:
                return file.read().decode(errors="replace")

    def remove(self, folder: str) -> None:
        """Removes a folder with all that is in it, if it is there."""
        with self.errors(f"{folder} cannot be removed"):
            with contextlib.suppress(FileNotFoundError):
                self._system.delete_dir(self._path(folder))

    def remove_unfinished(self) -> None:
        """Removes what killed workers were writing."""
        self.remove(_BESIDE)

    def batches(
        self, name: str, columns: list[str] | None = None
    ) -> Iterator[pyarrow.RecordBatch]:
        """Yields what a Parquet file has.

        Raises:
            OSError, pyarrow.ArrowException: if it cannot be read.
        """
        with self._system.open_input_file(self._path(name)) as file:
            yield from parquet.ParquetFile(file).iter_batches(columns=columns)

    def _path(self, name):
        return f"{self._root}/{name}" if name else self._root


def find(flag: str, pattern: str) -> tuple[Store, list[str]]:
    """Finds the files of a pattern.

    Args:
        flag: that names it.
        pattern: a file; a folder, searched with all below it; or a pattern in which *
            stands for any text in a name, ** for any folders, and, on this machine, ?
            for any character. Hidden files are none of them.

    Returns:
        (the folder before the first wildcard, sorted names below it).

    Raises:
        DataError: if there are none, or the store refuses.
    """
    head, mark, options = _options_apart(pattern)
    first = _WILDCARD.search(head)
    if first is None:
        store = Store(flag, pattern)
        if store.is_folder:
            return store, _some(store, store.listed())
        if not store.has(""):
            raise DataError(f"{store.name}: no such file or folder.")
        folder, _, name = head.rpartition("/")
        return Store(flag, f"{folder or '.'}{mark}{options}"), [name]
    base, _, rest = head[: first.start()].rpartition("/")
    rest += head[first.start() :]
    base = base or ("/" if head.startswith("/") else ".")
    store = Store(flag, f"{base}{mark}{options}")
    if not store.is_folder:
        raise DataError(f"{store.name}: no such folder.")
    fits = re.compile(glob_translate(rest)).match
    names = store.listed(recursive="/" in rest or "**" in rest)
    return store, _some(store, [name for name in names if fits(name)], rest)


def _options_apart(address):
    """Returns (path, "?", options); a path of this machine has none."""
    return address.partition("?") if "://" in address else (address, "", "")


def _some(store, names, rest=""):
    if not names:
        what = f"no file there is named {rest}" if rest else "the folder has no files"
        raise DataError(f"{store.name}: {what}.")
    return names
