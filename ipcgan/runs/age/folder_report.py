"""The report and the contact sheet of a folder that was aged."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ipcgan import checkpoints, config, report
from ipcgan.data import images, marks
from ipcgan.inference.ageing import AgedToTargets
from ipcgan.inference.ager import FaceAger
from ipcgan.inference.mixing import Difference, Target
from ipcgan.photos import alignment
from ipcgan.runs.age.inputs import Prepared
from ipcgan.runs.age.outputs import Names
from ipcgan.runs.age.own_files import REPORT, SHEET

MAX_SHEET_ROWS = 200  # faces on the contact sheet; more are aged but not shown.
_JUDGE = "face AlexNet"  # of a face's own age group.
# Columns of the sheet with reconstructions from latent vectors.
_METHOD_LABELS = {
    "none": "z0",
    "pixelwise": "pixelwise",
    "identity_preserving": "identity",
    "extended": "extended",
}


@dataclasses.dataclass
class AgedFolder:
    """The result of ageing a folder.

    Attributes:
        aged: input files that were aged.
        left_out: (input file, reason) of each that was not.
        skipped: input files whose outputs were there already.
        decisions: what each file that was read was taken for, and why.
        faces: number of faces that were aged.
        judged: number of faces whose own age group the face AlexNet predicted; None
            where the network does not need it.
        engine: what computed the network.
        sheet: the contact sheet; None where nothing was aged.
        unwritten: (contact sheet or report, reason) of each that could not be written.
    """

    aged: list[Path] = dataclasses.field(default_factory=list)
    left_out: list[tuple[Path, str]] = dataclasses.field(default_factory=list)
    skipped: list[Path] = dataclasses.field(default_factory=list)
    decisions: dict[Path, str] = dataclasses.field(default_factory=dict)
    faces: int = 0
    judged: int | None = None
    engine: str = ""
    sheet: Path | None = None
    unwritten: list[tuple[Path, str]] = dataclasses.field(default_factory=list)


class FolderReport:
    """Notes what becomes of every file of a folder, and writes it down at the end.

    Args:
        settings: of the run.
        ager: ages the faces.
        targets: what they are aged to.
        ages_from: what the faces' own ages are from, where targets need these.
        mark: of all that shows an aged face.

    Attributes:
        result: what became of the files so far.
    """

    def __init__(
        self,
        settings: config.AgeConfig,
        ager: FaceAger,
        targets: Sequence[Target | Difference],
        ages_from: str,
        mark: marks.Mark = marks.AGED,
    ):
        self._settings, self._ager, self._targets = settings, ager, targets
        self._ages_from, self._mark = ages_from, mark
        self._source = Path(settings.test_data_dir)
        self._rows: list[list[np.ndarray]] = []  # of the sheet.
        self._entries: dict[Path, dict] = {}  # of the report.
        self._methods: tuple[str, ...] = ()  # by which faces are reconstructed.
        self.result = AgedFolder(engine=ager.engine)

    def add(
        self, item: Prepared, names: Names, aged: AgedToTargets, rows: range
    ) -> None:
        """Notes a file whose faces were aged.

        Args:
            item: the file.
            names: of its outputs.
            aged: faces of several files.
            rows: of this file's faces in it.
        """
        self._note(item, names)
        found = aged.at_groups
        if found.judged is not None:
            owns = [self._own(found, row) for row in rows]
            self._entries[item.path]["own_groups"] = owns
        if aged.own_years is not None:
            self._entries[item.path]["own_ages"] = [
                {
                    "years": round(float(aged.own_years[row]), 1),
                    "by": self._ages_from,
                    "aged_to": list(aged.labels[row]),
                }
                for row in rows
            ]
        self._methods = tuple(found.reconstructions)
        if len(self._rows) < MAX_SHEET_ROWS:
            made = found.reconstructions.values()
            self._rows += [
                [crop, *(faces[row] for faces in made), *aged.faces[row]]
                for row, crop in zip(rows, item.crops, strict=True)
            ]

    def _own(self, result, row):
        name = self._ager.group_names[result.source_groups[row]]
        return {"group": name, "by": _JUDGE if result.judged[row] else "file name"}

    def _note(self, item, names):
        self.result.decisions[item.path] = item.decision
        size = self._ager.image_size
        transforms = dict(zip(item.numbers, item.transforms, strict=True))
        faces = []
        for number, face in enumerate(item.found, start=1):
            entry = {
                "number": number,
                "aged": number in transforms,
                "box": [round(edge) for edge in face.box],
                "landmarks": face.points.round().astype(int).tolist(),
            }
            if number in transforms:
                inside = alignment.share_inside(
                    transforms[number], size, item.photo.shape
                )
                entry["share_inside"] = round(inside, 3)
            faces.append(entry)
        self._entries[item.path] = {
            "decision": item.decision,
            "faces": faces,
            "written": [str(name) for name in names.all],
            "lost": list(item.picture.metadata.lost) if item.picture else [],
        }

    def book(self, path: Path, problem: str | None) -> None:
        """Records a file that was added: as aged, or as left out with a reason."""
        if problem:
            self.result.left_out.append((path, problem))
            del self._entries[path]
            return
        self.result.aged.append(path)
        # A crop is a single face, which is not listed.
        faces = self._entries[path]["faces"]
        self.result.faces += max(1, sum(face["aged"] for face in faces))
        own = self._entries[path].get("own_groups")
        if own is not None:
            judged = sum(face["by"] == _JUDGE for face in own)
            self.result.judged = (self.result.judged or 0) + judged

    def write(self, target: Path) -> AgedFolder:
        """Writes the contact sheet and the report; returns what became of all.

        What cannot be written is noted in the result: the faces are there.
        """
        self.result.left_out.sort()
        rows = self._rows[:MAX_SHEET_ROWS]
        if rows and self._try(target / SHEET, lambda path: self._sheet(path, rows)):
            self.result.sheet = target / SHEET
        self._try(
            target / REPORT, lambda path: checkpoints.write_json(path, self.values())
        )
        return self.result

    def _try(self, path, write):
        """Writes a file; where it cannot, notes why."""
        try:
            write(path)
        except OSError as error:
            self.result.unwritten.append((path, f"cannot be written: {error}"))
            return False
        return True

    def _sheet(self, path, rows):
        methods = [_METHOD_LABELS[name] for name in self._methods]
        columns = ["input", *methods, *(t.label for t in self._targets)]
        blocks = report.blocks_for(len(rows), len(columns))
        sheet = report.contact_sheet(rows, columns, blocks)
        images.write_image(path, sheet, self._mark)

    def values(self) -> dict[str, Any]:
        """Returns the report, as JSON has it."""

        def name(path):
            return str(path.relative_to(self._source))

        return {
            "engine": self.result.engine,
            "targets": [t.label for t in self._targets],
            "settings": dataclasses.asdict(self._settings),
            "mark": {
                "digital_source_type": self._mark.source_type,
                "in": "XMP of every file that shows an aged face",
                "signed": self._mark.credentials is not None,
                "label": self._settings.label,
            },
            "aged": {name(p): self._entries[p] for p in self.result.aged},
            "left_out": {name(p): reason for p, reason in self.result.left_out},
            "skipped": [name(path) for path in self.result.skipped],
        }
