"""A data set's folder -> list files of the kind that the authors trained from.

Source: the authors' train_age_group_0.txt and so on; see list_file for a line.
"""

import contextlib
import dataclasses
from collections.abc import Mapping
from pathlib import Path

from absl import logging

from ipcgan import atomic
from ipcgan.age_groups import CACD, AgeGroups
from ipcgan.data import sources
from ipcgan.data.records import SPLITS, DataError, select


@dataclasses.dataclass(frozen=True)
class Counts:
    """How many faces were listed, and how many were not."""

    faces: Mapping[str, list[int]]  # split -> number of faces of each age group.
    in_no_group: int  # such as the too young; in no list.


def write_lists(
    dataset: str, root_folder: str, save_dir: str, groups: AgeGroups = CACD
) -> Counts:
    """Writes a list of every split, and one of every age group in it.

    They are SPLIT.txt and SPLIT_age_group_0.txt and so on, with names relative to
    `root_folder`. Lists of an earlier call are replaced when all new ones
    are complete; the images are only named, not opened.

    Args:
        dataset: a key of sources.READERS.
        root_folder: where the images lie.
        save_dir: where the lists go; made if need be; not in `root_folder`.
        groups: that the labels count.

    Raises:
        DataError: if the folder cannot be used, lacks faces of an age group, or has a
            name that does not fit on a line, or if save_dir lies in it.
        OSError: if save_dir cannot be written to.
    """
    root, save = Path(root_folder), Path(save_dir)
    if save.resolve().is_relative_to(root.resolve()):
        raise DataError(
            f"--save_dir={save_dir}: expected a folder outside --root_folder, where "
            "lists would be taken for images."
        )
    records = sources.READERS[dataset](root, groups)
    in_no_group = sum(record.group is None for record in records)
    if in_no_group == len(records):
        raise DataError(
            f"{root}: none of {len(records)} faces is of an age group; the youngest is "
            f"{groups.names[0]}."
        )

    texts, faces = {}, {}
    for split in SPLITS:
        chosen = select(records, split)
        lines = [
            [_line(record, root) for record in chosen if record.group == group]
            for group in range(len(groups))
        ]
        faces[split] = [len(group_lines) for group_lines in lines]
        texts[f"{split}.txt"] = "".join(_line(record, root) for record in chosen)
        for group, group_lines in enumerate(lines):
            texts[f"{split}_age_group_{group}.txt"] = "".join(group_lines)

    save.mkdir(parents=True, exist_ok=True)
    _write_together(save, texts)
    counts = Counts(faces, in_no_group)
    _log(counts, groups)
    return counts


def _line(record, root):
    name = record.path.relative_to(root).as_posix()
    if name != name.strip() or len(name.splitlines()) != 1 or not _is_utf8(name):
        raise DataError(
            f"{record.path!r}: expected a name without line breaks, blanks at its "
            "ends, and bytes that are not UTF-8; rename it."
        )
    return f"{name} {record.group}\n"


def _is_utf8(name):
    # Names that are not have lone surrogates for the bytes that cannot be decoded.
    return not any("\ud800" <= character <= "\udfff" for character in name)


def _write_together(folder, texts):
    # None takes its place before all are written.
    with contextlib.ExitStack() as files:
        for name, text in texts.items():
            partial = files.enter_context(atomic.replacing(folder / name))
            partial.write_text(text, encoding="utf-8", newline="\n")


def _log(counts, groups):
    for split, numbers in counts.faces.items():
        text = ", ".join(
            f"{name}: {number}"
            for name, number in zip(groups.names, numbers, strict=True)
        )
        logging.info("%s: %d faces (%s)", split, sum(numbers), text)
    logging.info("Left out, of no age group: %d", counts.in_no_group)
