"""The reports of an output folder: a part of every batch, then one Parquet file."""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow
from pyarrow import parquet

from ipcgan.runs.many.stores import OWN, Store

REPORT = "report.parquet"
_PARTS, _BEGUN = f"{OWN}/reports", f"{OWN}/begun"
AGED, LEFT_OUT = "aged", "left out"
_WHOLE = pyarrow.list_(pyarrow.int32())
_TEXTS = pyarrow.list_(pyarrow.string())
# As report.json of test.py has a picture; null where it has nothing.
_FACE = pyarrow.struct(
    [
        ("number", pyarrow.int32()),
        ("aged", pyarrow.bool_()),
        ("box", _WHOLE),
        ("landmarks", pyarrow.list_(_WHOLE)),
        ("share_inside", pyarrow.float64()),
    ]
)
_OWN_GROUP = pyarrow.struct([("group", pyarrow.string()), ("by", pyarrow.string())])
_OWN_AGE = pyarrow.struct(
    [("years", pyarrow.float64()), ("by", pyarrow.string()), ("aged_to", _TEXTS)]
)
SCHEMA = pyarrow.schema(
    [
        ("name", pyarrow.string()),
        ("status", pyarrow.string()),
        ("reason", pyarrow.string()),
        ("engine", pyarrow.string()),
        ("decision", pyarrow.string()),
        ("faces", pyarrow.list_(_FACE)),
        ("written", _TEXTS),
        ("lost", _TEXTS),
        ("own_groups", pyarrow.list_(_OWN_GROUP)),
        ("own_ages", pyarrow.list_(_OWN_AGE)),
    ]
)


class Reports:
    """The reports in one folder.

    A part is written when all pictures of its batch are: what it says is done.

    Args:
        store: the folder.
        run: a name of this run, after those of all earlier ones.
    """

    def __init__(self, store: Store, run: str):
        self._store, self._run = store, run

    def done(self) -> set[str]:
        """Returns the names of the pictures that earlier runs aged."""
        return {
            row["name"]
            for batch in self._batches(["name", "status"])
            for row in batch.to_pylist()
            if row["status"] == AGED
        }

    def has(self, names: Sequence[str]) -> bool:
        """Whether this run has done a batch of pictures."""
        return self._store.has(self._part(names))

    def begin(self, names: Sequence[str]) -> int:
        """Notes that a batch is begun; returns how often this run had begun it before.

        Raises:
            DataError: if that cannot be written.
        """
        folder = f"{_BEGUN}/{self._key(names)}"
        before = len(self._store.listed(folder))
        self._store.put_text("", f"{folder}/{before}")
        return before

    def write(self, names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
        """Writes the part of a batch.

        Args:
            names: of its pictures.
            rows: as SCHEMA has them; keys may be missing.

        Raises:
            DataError: if it cannot be written.
        """
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "part")
            table = pyarrow.Table.from_pylist(list(rows), schema=SCHEMA)
            parquet.write_table(table, path)
            self._store.put(path, self._part(names))

    def merge(self) -> list[tuple[str, str]]:
        """Makes one file of all parts, each picture once, in any order.

        Returns:
            (name, reason) of each picture that was left out.

        Raises:
            DataError: if it cannot be written.
        """
        seen: set[str] = set()
        left_out = []
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "report")
            with parquet.ParquetWriter(path, SCHEMA) as writer:
                for batch in self._batches():
                    rows = [r for r in batch.to_pylist() if r["name"] not in seen]
                    seen.update(row["name"] for row in rows)
                    left_out += [
                        (r["name"], r["reason"]) for r in rows if r["status"] != AGED
                    ]
                    writer.write(pyarrow.Table.from_pylist(rows, schema=SCHEMA))
            self._store.put(path, REPORT)
        for done in (_PARTS, _BEGUN):
            self._store.remove(done)
        return left_out

    def _part(self, names):
        return f"{_PARTS}/{self._key(names)}.parquet"

    def _key(self, names):
        digest = hashlib.sha256("\n".join(names).encode(errors="replace")).hexdigest()
        return f"{self._run}-{digest[:16]}"

    def _batches(self, columns=None) -> Iterator[pyarrow.RecordBatch]:
        """Yields what all files have, the newest run's first, which knows best."""
        parts = reversed(self._store.listed(_PARTS))
        names = [f"{_PARTS}/{name}" for name in parts]
        if self._store.has(REPORT):
            names.append(REPORT)
        with self._store.errors("the reports cannot be read"):
            for name in names:
                yield from self._store.batches(name, columns)
