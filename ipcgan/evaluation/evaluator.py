"""The common evaluation: judges predict the aged faces of a sample.

    known = PredictedSample(sample, judges)      the untouched people, predicted once
    evaluator = Evaluator(known, judges)
    result = evaluator.evaluate(aged, name)      figures of every picture, and report

Every program that evaluates ageing uses it, so that their figures agree.
"""

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np

from ipcgan.data.records import DataError
from ipcgan.evaluation import (
    attributes,
    baselines,
    figures,
    goals,
    intervals,
    resampling,
    verification,
)
from ipcgan.evaluation.feature_sets import FeatureSets
from ipcgan.evaluation.judges import Judges, Predictions
from ipcgan.evaluation.predicted_sample import PredictedSample
from ipcgan.evaluation.sample import AgedSample

BASELINE_PEOPLE = 100  # at most, that are tinted and blurred.


@dataclasses.dataclass(frozen=True)
class Result:
    """The result of an evaluation.

    Attributes:
        values: every figure of every picture, as from figures.measure.
        report: what goals are measured by, and the score; see goals.
    """

    values: Mapping[str, np.ndarray]
    report: dict


class Evaluator:
    """Figures of aged faces of a sample, by the judges that predicted the sample.

    Args:
        sample: the people, and what judges predict of their untouched faces.
        judges: predict every picture.
        features: (name, function) as from inception.read_features: a second way to
            compare faces with real ones; None: there is none.
    """

    def __init__(
        self,
        sample: PredictedSample,
        judges: Judges,
        features: tuple[str, Callable] | None = None,
    ):
        self.sample = sample
        self.judges = judges
        self._names = sample.age_groups.names
        self._feature_sets = FeatureSets(
            sample.sources, sample.own, sample.real, sample.predicted, judges, features
        )

    def evaluate(
        self,
        aged: AgedSample,
        name: str,
        *,
        teachers: tuple[str, ...] = (),
        with_baselines: bool = False,
    ) -> Result:
        """Lets the judges predict aged faces of the sample, and reports on them.

        Args:
            aged: the faces.
            name: for the progress bar.
            teachers: recognisers used in the network's training or latent search.
            with_baselines: whether the report has copies, tints and a blur as well.

        Raises:
            DataError: if there is no aged face at all.
        """
        if not aged.made.any():
            raise DataError("There are no aged faces to judge.")
        predictions = self._predict(aged, f"judging {name}")
        values = self.values(predictions)
        report = self._report(values)
        tinted = self._add_baselines(report) if with_baselines else None
        report["kid"] = self._feature_sets.kid(
            aged,
            predictions,
            tinted,
            others=self.sample.groups[:, None] != np.arange(len(self._names)),
            names=self._names,
        )
        report["teachers"] = list(teachers)
        report["again"] = self._reconstructions(aged.reconstructions)
        found = goals.figures(report, teachers)
        wanted = goals.goals_of(self._names)
        report["goals"] = [dataclasses.asdict(figure) for figure in found]
        report["score"], report["score_parts"], report["missing"] = goals.score(
            found, wanted
        )
        report["resampled_scores"] = resampling.scores(
            report,
            values,
            self.sample.groups,
            self.sample.real_ages,
            teachers,
            self.sample.age_groups,
        )
        return Result(values, report)

    def _predict(self, aged, name):
        """Returns predictions [N, K] of the faces that are made."""
        made = aged.made
        rows = np.where(made, np.cumsum(made).reshape(made.shape) - 1, -1)
        return self.judges.predict(aged.faces[made], name).at(rows)

    def values(self, predictions: Predictions) -> dict[str, np.ndarray]:
        """Returns figures.measure of [N, K] predictions of the sources, aged."""
        return figures.measure(
            predictions,
            self.sample.own,
            self.sample.real_ages,
            self.sample.thresholds,
            self.sample.age_groups,
        )

    def _report(self, values):
        targets = {name: {} for name in self._names}
        directions = figures.directions(self.sample.groups, len(self._names))
        for version, who in {"all": None, **directions}.items():
            self._add(targets, version, self._by_target(values, who))
        real = figures.real_rows(self.sample.real_ages, self.sample.age_groups)
        self._add(targets, "real", real)
        records = self.sample.sources.records
        true_ages = [np.nan if r.age is None else r.age for r in records]
        return {
            "title": self.sample.title,
            "targets": targets,
            "summary": figures.summary(
                values, self.sample.groups, self.sample.age_groups
            ),
            "first_adult": self._names[self.sample.age_groups.first_adult],
            "age_judges": list(self.judges.age_judges),
            "judges": figures.of_judges(
                self.sample.own, np.array(true_ages, float), [r.gender for r in records]
            ),
            "source_age": {
                j: intervals.mean_interval(a) for j, a in self.sample.own.ages.items()
            },
            "found_in_sources": self.sample.found_in_sources,
            "thresholds": {
                n: dataclasses.asdict(t) for n, t in self.sample.thresholds.items()
            },
            "people": len(self.sample.sources),
            "by_label": self._by_label(values),
            "notes": list(self.sample.notes),
        }

    @staticmethod
    def _add(targets, version, rows):
        for row, target in zip(rows, targets.values(), strict=True):
            target[version] = row

    def _add_baselines(self, report):
        """Adds copies, tints and a blur to the targets of a report.

        Returns:
            (tinted faces, their predictions); None without real faces.
        """
        targets, count = report["targets"], len(self._names)
        everybody = np.arange(len(self.sample.sources))[:, None].repeat(count, axis=1)
        self._add(targets, "copy", self._rows_of(self.sample.own.at(everybody)))

        who = self.baseline_people()
        blurred = baselines.blur(self.sample.sources.pixels[who])
        rows = np.where(who, np.cumsum(who) - 1, -1)[:, None].repeat(count, axis=1)
        predictions = self.judges.predict(blurred, "judging a blur").at(rows)
        self._add(targets, "blur", self._rows_of(predictions))

        if not len(self.sample.real):
            return None
        tinted = AgedSample(self._tinted(), who[:, None].repeat(count, axis=1))
        predictions = self._predict(tinted, "judging tints")
        self._add(targets, "tint", self._rows_of(predictions))
        return tinted, predictions

    def _rows_of(self, predictions):
        return self._by_target(self.values(predictions))

    def baseline_people(self) -> np.ndarray:
        """Returns who is tinted and blurred: [N] bool, spread evenly over all people.

        Not all: judging the baselines would take as long as judging the aged faces.
        """
        count = min(len(self.sample.sources), BASELINE_PEOPLE)
        chosen = np.zeros(len(self.sample.sources), bool)
        chosen[np.linspace(0, len(chosen) - 1, count).astype(int)] = True
        return chosen

    def _tinted(self):
        """The sources tinted as real faces of each group, if any: [N, K, S, S, 3]."""
        pixels, result = self.sample.sources.pixels, []
        for group in range(len(self._names)):
            real = self.sample.real.pixels[self.sample.real.groups == group]
            result.append(baselines.tint(pixels, real) if len(real) else pixels)
        return np.stack(result, axis=1)

    def _by_target(self, values, who=None):
        """Returns the means of each target, of all people or of [N] or [N, K] `who`."""
        everybody = np.ones(len(self.sample.sources), bool)
        return figures.by_target(
            values, self.sample.real_ages, everybody if who is None else who
        )

    def _reconstructions(self, of_each):
        """How far reconstructed sources are from the sources."""
        return {
            name: verification.reconstruction(
                faces,
                self.sample.sources.pixels,
                self.judges.predict(faces, f"judging reconstructions: {name}"),
                self.sample.own,
                self.sample.thresholds,
            )
            for name, faces in of_each.items()
        }

    def _by_label(self, values):
        """The figures of each target by gender and race, where known."""
        return {
            kind: {
                label: dict(zip(self._names, self._by_target(values, who), strict=True))
                for label, who in labels.items()
            }
            for kind, labels in attributes.by_label(self.sample.sources.records).items()
        }
