"""A list of pairs of pictures of the same people, years apart."""

import dataclasses
from pathlib import Path

from ipcgan.age_groups import AgeGroups
from ipcgan.data import sources
from ipcgan.data.aged_files import read_rows
from ipcgan.data.records import DataError

_HEADER = ["source", "later", "target_group"]


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two pictures of one person.

    Attributes:
        source: the younger or older self, to be aged; an aligned crop.
        later: what it is compared with; an aligned crop.
        group: age group of `later`.
        person: who it is; pairs of one person count as one.
        own_group: age group of `source`; -1: not known.
    """

    source: Path
    later: Path
    group: int
    person: str
    own_group: int = -1


def read_pairs(path: Path, dataset: str, groups: AgeGroups) -> list[Pair]:
    """Reads a CSV file with the header source,later,target_group.

    Paths are relative to the file's folder; a group is a name of `groups`, such as
    21-30, or a number. A source's name tells who it is, where `dataset` knows such
    names; otherwise every file counts as another person.

    Raises:
        DataError: with the line, if it is not of that form, names a file that is
            missing, or a pair twice.
    """
    pairs = {}
    for where, (source, later), group in read_rows(path, _HEADER, groups):
        if (source, later) in pairs:
            raise DataError(f"{where}: a pair twice: {source}, {later}.")
        pairs[source, later] = _pair(source, later, group, dataset, groups)
    return list(pairs.values())


def _pair(source, later, group, dataset, groups):
    record = sources.read_name(dataset, source, source.parent.parent, groups)
    person = (record and record.identity) or str(source)
    known = record is not None and record.group is not None
    return Pair(source, later, group, person, record.group if known else -1)
