"""One sample of people, looked at once, by which any number of networks is measured."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from ipcgan.data.records import DataError
from ipcgan.evaluation import (
    age,
    attributes,
    baselines,
    figures,
    goals,
    intervals,
)
from ipcgan.evaluation.judging import Judges
from ipcgan.runs.kid_meter import KidMeter
from ipcgan.runs.samples import Sample

BASELINE_PEOPLE = 100  # at most, that are tinted and blurred.
_SHOWN = 5  # names in a note.


class Examination:
    """What judges say of a sample before anybody is aged.

    Sources in which no face is found are left out of it, and noted.

    Args:
        sample: the faces.
        judges: look at every picture.
        features: (name, function) as from face_features; None: quality is not measured.

    Attributes:
        sources: the people that are left, to be aged.

    Raises:
        DataError: if there is nobody left.
    """

    def __init__(self, sample: Sample, judges: Judges, features=None):
        self.sample = sample
        self.judges = judges
        self._names = sample.groups.names
        own, real, strangers = self._look_once()

        found = own.counts > 0
        self.notes = [*sample.notes, *_notes_on(sample.sources, own.counts)]
        if not found.any():
            raise DataError(f"No face was found in any of {len(found)} sources.")
        self.sources = sample.sources.at(found)
        self.own = own.at(np.flatnonzero(found))
        self.groups = _groups_or_judged(self.sources, self.own, sample.groups)

        groups = sample.real.groups
        self.real_ages = [
            _known(real.ages[groups == group]) for group in range(len(self._names))
        ]
        names = [record.identity for record in sample.strangers.records]
        self.thresholds = {
            name: figures.threshold(strangers, name, usual, names)
            for name, usual in judges.usual_thresholds.items()
        }
        self._kid = None
        if features and len(sample.real):
            self._kid = KidMeter(
                *features, sample.real, self.sources, self.groups, sample.groups
            )

    def _look_once(self):
        """Opinions of sources, real faces and strangers; each file looked at once."""
        parts = (self.sample.sources, self.sample.real, self.sample.strangers)
        rows, pixels, wanted = {}, [], []
        for part in parts:
            for record, face in zip(part.records, part.pixels, strict=True):
                if record.path not in rows:
                    rows[record.path] = len(pixels)
                    pixels.append(face)
            wanted.append([rows[record.path] for record in part.records])
        opinions = self.judges.look(pixels, "judging real faces")
        return [opinions.at(np.array(chosen, int)) for chosen in wanted]

    def measure(self, aged: np.ndarray, made: np.ndarray, name: str):
        """Lets the judges look at aged faces.

        Args:
            aged: [N, K, S, S, 3] uint8, of `sources`.
            made: [N, K] bool, where there is such a face.
            name: for the progress bar.

        Returns:
            As figures.measure.

        Raises:
            DataError: if there is no such face at all.
        """
        if not made.any():
            raise DataError("There are no aged faces to judge.")
        rows = np.where(made, np.cumsum(made).reshape(made.shape) - 1, -1)
        return self._values(self.judges.look(aged[made], name).at(rows))

    def measure_again(self, made: Mapping[str, np.ndarray]) -> dict[str, dict]:
        """Returns how much the sources, made again of latent vectors, are themselves.

        Args:
            made: of each method [N, S, S, 3] uint8, of `sources`.

        Returns:
            {method: figures.made_again}.
        """
        result = {}
        for name, faces in made.items():
            opinions = self.judges.look(faces, f"judging faces made again: {name}")
            result[name] = figures.made_again(
                faces, self.sources.pixels, opinions, self.own, self.thresholds
            )
        return result

    def baseline_people(self) -> np.ndarray:
        """Returns who is tinted and blurred: [N] bool, spread evenly over all people.

        Not all: judging the baselines would take as long as judging the aged faces.
        """
        count = min(len(self.sources), BASELINE_PEOPLE)
        chosen = np.zeros(len(self.sources), bool)
        chosen[np.linspace(0, len(chosen) - 1, count).astype(int)] = True
        return chosen

    def measure_copies(self):
        """Returns the figures of the untouched sources, which were looked at before."""
        rows = np.arange(len(self.sources))[:, None].repeat(len(self._names), axis=1)
        return self._values(self.own.at(rows))

    def measure_blur(self):
        """Returns the figures of blurred sources, the same for every target."""
        who = self.baseline_people()
        blurred = baselines.blur(self.sources.pixels[who])
        opinions = self.judges.look(blurred, "judging a blur")
        rows = np.where(who, np.cumsum(who) - 1, -1)[:, None]
        rows = rows.repeat(len(self._names), axis=1)
        return self._values(opinions.at(rows))

    def tinted(self) -> np.ndarray | None:
        """Returns the sources tinted as real faces of each group: [N, K, S, S, 3].

        A group without real faces has the sources as they are; None where none has any.
        """
        if not len(self.sample.real):
            return None
        result = []
        for group in range(len(self._names)):
            real = self.sample.real.pixels[self.sample.real.groups == group]
            pixels = self.sources.pixels
            result.append(baselines.tint(pixels, real) if len(real) else pixels)
        return np.stack(result, axis=1)

    def _values(self, opinions):
        return figures.measure(
            opinions, self.own, self.real_ages, self.thresholds, self.sample.groups
        )

    def by_target(self, values, who=None) -> list[dict]:
        """Returns the means of each target, of all people or of [N] or [N, K] `who`."""
        everybody = np.ones(len(self.sources), bool)
        return figures.by_target(
            values, self.real_ages, everybody if who is None else who
        )

    def directions(self) -> dict[str, np.ndarray]:
        """Returns [N, K] bool: who is younger than the target, who older."""
        targets = np.arange(len(self._names))
        groups = self.groups[:, None]
        return {"younger": groups < targets, "older": groups > targets}

    def kid(self, aged, made, tinted: np.ndarray | None = None) -> dict:
        """Returns how far faces are from real ones: the "kid" of a report.

        Args:
            aged: [N, K, S, S, 3] uint8.
            made: [N, K] bool.
            tinted: [N, K, S, S, 3], to measure the baselines as well; None: do not.
        """
        if self._kid is None:
            return {"features": "", "targets": {}}
        return self._kid.measure(aged, made, tinted, self.baseline_people())

    def report(self, values, kid: dict, recogniser: str) -> dict:
        """Returns what goals are measured by, and the score; see goals.

        Args:
            values: of the aged faces, as from `measure`.
            kid: as from `kid`.
            recogniser: whose identity figures count.
        """
        targets = {name: {} for name in self._names}
        for version, who in {"all": None, **self.directions()}.items():
            for name, row in zip(self._names, self.by_target(values, who), strict=True):
                targets[name][version] = row
        result = {
            "targets": targets,
            "summary": figures.summary(values, self.groups),
            "source_age": intervals.mean_interval(self.own.ages),
            "thresholds": {
                n: dataclasses.asdict(t) for n, t in self.thresholds.items()
            },
            "kid": kid,
            "people": len(self.sources),
        }
        result["goals"] = goals.figures(result, recogniser)
        result["score"], result["score_parts"] = goals.score(
            result["goals"], goals.goals_of(self._names)
        )
        return result

    def real_rows(self) -> list[dict]:
        """Returns the figures of age of real faces of each group."""
        return figures.real_rows(self.real_ages, self.sample.groups)

    def by_label(self, values) -> dict:
        """Returns the figures of each target by gender and race, where known."""
        return {
            kind: {
                label: dict(zip(self._names, self.by_target(values, who), strict=True))
                for label, who in labels.items()
            }
            for kind, labels in attributes.by_label(self.sources.records).items()
        }


def _known(values):
    return values[np.isfinite(values)]


def _groups_or_judged(sources, own, groups):
    """The sources' groups, by their labels or else by judged age."""
    judged = age.judged_groups(own.ages, groups)
    labelled = sources.groups
    return np.where(labelled >= 0, labelled, judged).astype(int)


def _notes_on(sources, counts):
    notes = []
    for text, chosen in (
        ("No face was found, left out", counts == 0),
        ("Several faces were found, judged as one", counts > 1),
    ):
        names = [sources.records[i].path.name for i in np.flatnonzero(chosen)]
        if names:
            shown = ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
            notes.append(f"{text}: {len(names)} of {len(counts)} sources ({shown}).")
    return notes
