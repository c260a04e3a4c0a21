"""One way to measure: a sample of people is aged, judged and reported on.

    examination = examine(sample, settings)        who is measured, looked at once
    aged = age(ager, examination.sources)          or examination.read(...)
    measured = examination.measure(aged, name)     figures of every picture, and report

Every program that measures goes this way, so that their figures are the same.
"""

import dataclasses
from collections.abc import Mapping

import numpy as np

from ipcgan import config
from ipcgan.data.records import DataError
from ipcgan.evaluation import (
    attributes,
    baselines,
    figures,
    goals,
    intervals,
    quality,
)
from ipcgan.evaluation.age import judged_groups
from ipcgan.evaluation.judging import Judges, Opinions
from ipcgan.inference.ager import FaceAger
from ipcgan.runs.evaluate import quality_features
from ipcgan.runs.evaluate.people import Sample
from ipcgan.runs.evaluate.reports import make_judges

BASELINE_PEOPLE = 100  # at most, that are tinted and blurred.
_SHOWN = 5  # names in a note.


@dataclasses.dataclass(frozen=True)
class Aged:
    """Faces of N people at K targets.

    Attributes:
        faces: [N, K, S, S, 3] uint8.
        made: [N, K] bool, where there is such a face.
        again: of a network that searches latent vectors, of each method the sources
            made again, [N, S, S, 3] uint8.
        notes: what a reader should know of how they were aged.
    """

    faces: np.ndarray
    made: np.ndarray
    again: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    notes: tuple[str, ...] = ()


def age(ager: FaceAger, people) -> Aged:
    """Ages people (data.faces.Faces) to every age group of the network."""
    targets = tuple(range(len(ager.group_names)))
    result = ager.age(people.pixels, targets, source_groups=people.groups)
    notes: tuple[str, ...] = ()
    if result.judged is not None:
        notes = (
            f"Latent vectors were searched by the sources' own age groups: "
            f"{(~result.judged).sum()} told by their names, {result.judged.sum()} "
            "judged by the face AlexNet's age head.",
        )
    made = np.ones(result.faces.shape[:2], bool)
    return Aged(result.faces, made, result.again, notes)


@dataclasses.dataclass(frozen=True)
class Measured:
    """What came out.

    Attributes:
        values: every figure of every picture, as from figures.measure.
        report: what goals are measured by, and the score; see goals.
    """

    values: Mapping[str, np.ndarray]
    report: dict


def examine(
    sample: Sample, settings: config.EvaluateConfig
) -> tuple["Examination", list[str]]:
    """Lets all judges of the settings look at a sample.

    Returns:
        (the examination, why judges are missing).

    Raises:
        DataError: if no face is found in any source.
        config.ConfigError: if there is no such judge.
        MissingWeightsError: if no age judge or no recogniser can be used.
        checkpoints.CheckpointError: if InceptionV3's file is something else.
    """
    judges, missing = make_judges(settings)
    return Examination(sample, judges, quality_features.read_features()), missing


class Examination:
    """What judges say of a sample before anybody is aged.

    Sources in which no face is found are left out of it, and noted.

    Args:
        sample: the faces.
        judges: look at every picture.
        features: (name, function) as from face_features: a second way to compare
            faces with real ones; None: there is none.

    Attributes:
        sources: the people that are left, to be aged.

    Raises:
        DataError: if there is nobody left.
    """

    def __init__(self, sample: Sample, judges: Judges, features=None):
        self.sample = sample
        self.judges = judges
        self._names = sample.groups.names
        self._features = features
        own, self._real, strangers = self._look_once()

        found = own.counts > 0
        if not found.any():
            raise DataError(f"No face was found in any of {len(found)} sources.")
        self.notes = [*sample.notes, *_notes_on(sample.sources, own.counts)]
        self.found_in_sources = float(found.mean())
        self.sources = sample.sources.at(found)
        self.own = own.at(np.flatnonzero(found))
        self.groups = _groups_or_judged(self.sources, self.own, sample.groups)
        if len(self.sources) < goals.FEWEST:
            self.notes.append(
                f"{len(self.sources)} people are too few for verdicts, which take "
                f"{goals.FEWEST}."
            )

        self.real_ages = {
            judge: [
                _known(judged[sample.real.groups == group])
                for group in range(len(self._names))
            ]
            for judge, judged in self._real.ages.items()
        }
        names = [record.identity for record in sample.strangers.records]
        self.thresholds = {
            name: figures.threshold(strangers, name, usual, names)
            for name, usual in judges.usual_thresholds.items()
        }
        self._sets = self._describe_sets() if len(sample.real) else {}

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

    def _describe_sets(self):
        """Returns (copies, real, blurred real) in each kind of features."""
        real, sets = self.sample.real.pixels, {}
        blurred = baselines.blur(real)
        for name, of_blur in self.judges.embed(
            blurred, "judging blurred faces"
        ).items():
            sets[name] = self.own.embeddings[name], self._real.embeddings[name], of_blur
        if self._features:
            name, describe = self._features
            described = describe(real, "features of real faces")
            # The kernel depends on the scale, which for these features means nothing.
            scale = float(np.sqrt(np.mean(np.square(described)))) or 1.0
            self._features = name, lambda *faces: describe(*faces) / scale
            sets[name] = (
                describe(self.sources.pixels, "features of sources") / scale,
                described / scale,
                describe(blurred, "features of a blur") / scale,
            )
        return sets

    def measure(
        self,
        aged: Aged,
        name: str,
        *,
        teachers: tuple[str, ...] = (),
        with_baselines: bool = False,
    ) -> Measured:
        """Lets the judges look at aged faces, of `sources`, and reports on them.

        Args:
            aged: the faces.
            name: for the progress bar.
            teachers: recognisers that taught the network, or by which it searches.
            with_baselines: whether the report has copies, tints and a blur as well.

        Raises:
            DataError: if there is no aged face at all.
        """
        if not aged.made.any():
            raise DataError("There are no aged faces to judge.")
        opinions = self.look(aged.faces, aged.made, f"judging {name}")
        values = self.values(opinions)
        report = self._report(values)
        tints = self._add_baselines(report) if with_baselines else None
        report["kid"] = self._kid(aged, opinions, tints)
        report["teachers"] = list(teachers)
        report["again"] = self._measure_again(aged.again)
        found = goals.figures(report, teachers)
        wanted = goals.goals_of(self._names)
        report["goals"] = [dataclasses.asdict(figure) for figure in found]
        report["score"], report["score_parts"], report["missing"] = goals.score(
            found, wanted
        )
        return Measured(values, report)

    def look(self, faces: np.ndarray, made: np.ndarray, name: str) -> Opinions:
        """Returns opinions [N, K] of faces [N, K, S, S, 3], where they are `made`."""
        rows = np.where(made, np.cumsum(made).reshape(made.shape) - 1, -1)
        return self.judges.look(faces[made], name).at(rows)

    def values(self, opinions: Opinions) -> dict[str, np.ndarray]:
        """Returns figures.measure of opinions [N, K] about the sources, aged."""
        return figures.measure(
            opinions, self.own, self.real_ages, self.thresholds, self.sample.groups
        )

    def _report(self, values):
        targets = {name: {} for name in self._names}
        for version, who in {"all": None, **self.directions()}.items():
            self._add(targets, version, self.by_target(values, who))
        real = figures.real_rows(self.real_ages, self.sample.groups)
        self._add(targets, "real", real)
        records = self.sources.records
        true_ages = [np.nan if r.age is None else r.age for r in records]
        return {
            "title": self.sample.title,
            "targets": targets,
            "summary": figures.summary(values, self.groups),
            "age_judges": list(self.judges.age_judges),
            "judges": figures.of_judges(
                self.own, np.array(true_ages, float), [r.gender for r in records]
            ),
            "source_age": {
                j: intervals.mean_interval(a) for j, a in self.own.ages.items()
            },
            "found_in_sources": self.found_in_sources,
            "thresholds": {
                n: dataclasses.asdict(t) for n, t in self.thresholds.items()
            },
            "people": len(self.sources),
            "by_label": self._by_label(values),
            "notes": list(self.notes),
        }

    @staticmethod
    def _add(targets, version, rows):
        for row, target in zip(rows, targets.values(), strict=True):
            target[version] = row

    def _add_baselines(self, report):
        """Adds copies, tints and a blur to the targets; returns tinted faces, judged.

        The last as (faces, made, opinions); None without real faces.
        """
        targets, count = report["targets"], len(self._names)
        everybody = np.arange(len(self.sources))[:, None].repeat(count, axis=1)
        self._add(targets, "copy", self._rows_of(self.own.at(everybody)))

        who = self.baseline_people()
        blurred = baselines.blur(self.sources.pixels[who])
        rows = np.where(who, np.cumsum(who) - 1, -1)[:, None].repeat(count, axis=1)
        opinions = self.judges.look(blurred, "judging a blur").at(rows)
        self._add(targets, "blur", self._rows_of(opinions))

        if not len(self.sample.real):
            return None
        made = who[:, None].repeat(count, axis=1)
        tinted = self._tinted()
        opinions = self.look(tinted, made, "judging tints")
        self._add(targets, "tint", self._rows_of(opinions))
        return tinted, made, opinions

    def _rows_of(self, opinions):
        return self.by_target(self.values(opinions))

    def baseline_people(self) -> np.ndarray:
        """Returns who is tinted and blurred: [N] bool, spread evenly over all people.

        Not all: judging the baselines would take as long as judging the aged faces.
        """
        count = min(len(self.sources), BASELINE_PEOPLE)
        chosen = np.zeros(len(self.sources), bool)
        chosen[np.linspace(0, len(chosen) - 1, count).astype(int)] = True
        return chosen

    def _tinted(self):
        """The sources tinted as real faces of each group, if any: [N, K, S, S, 3]."""
        pixels, result = self.sources.pixels, []
        for group in range(len(self._names)):
            real = self.sample.real.pixels[self.sample.real.groups == group]
            result.append(baselines.tint(pixels, real) if len(real) else pixels)
        return np.stack(result, axis=1)

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

    def _kid(self, aged, opinions, tints):
        """The "kid" of a report: of each kind of features quality.by_target."""
        result = {}
        for name, (copies, real, blurred) in self._sets.items():
            result[name] = {
                "targets": quality.by_target(
                    self._described(name, aged.faces, aged.made, opinions),
                    copies,
                    real,
                    blurred,
                    real_groups=self.sample.real.groups,
                    others=self.groups[:, None] != np.arange(len(self._names)),
                    names=self._names,
                    tinted=None if tints is None else self._described(name, *tints),
                )
            }
        return result

    def _described(self, name, faces, made, opinions):
        """Features [N, K, D] of a kind; NaN where there is no face."""
        if name in opinions.embeddings:
            return opinions.embeddings[name]
        of_each = self._features[1](faces[made], f"features of {len(faces)} people")
        result = np.full((*made.shape, of_each.shape[1]), np.nan, np.float32)
        result[made] = of_each
        return result

    def _measure_again(self, made):
        """How much sources, made again of latent vectors, are themselves."""
        result = {}
        for name, faces in made.items():
            opinions = self.judges.look(faces, f"judging faces made again: {name}")
            result[name] = figures.made_again(
                faces, self.sources.pixels, opinions, self.own, self.thresholds
            )
        return result

    def _by_label(self, values):
        """The figures of each target by gender and race, where known."""
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
    """The sources' groups, by their labels or else by the first judge's age."""
    judged = judged_groups(next(iter(own.ages.values())), groups)
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
