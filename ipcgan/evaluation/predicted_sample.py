"""The judges' predictions for a sample before ageing."""

import numpy as np

from ipcgan.data.records import DataError
from ipcgan.evaluation import goals, verification
from ipcgan.evaluation.age import judged_groups
from ipcgan.evaluation.judges import Judges
from ipcgan.evaluation.sample import Sample

_SHOWN = 5  # names in a note.


class PredictedSample:
    """A sample without the sources in which no face is found, which are noted.

    Args:
        sample: the faces.
        judges: predict every picture.

    Attributes:
        title: as of the sample.
        age_groups: K groups that people are aged to.
        sources: N people that are left, to be aged.
        groups: [N] their age groups, as labelled or else judged.
        own: [N] predictions of them.
        real: real faces of the age groups.
        predicted: predictions of these.
        real_ages: of each age judge K arrays of judged years of real faces of a group.
        thresholds: by recogniser.
        found_in_sources: in how many of all sources a face is found.
        notes: what a reader should know.

    Raises:
        DataError: if no one is left.
    """

    def __init__(self, sample: Sample, judges: Judges):
        own, self.predicted, strangers = _predict_once(sample, judges)
        found = own.counts > 0
        if not found.any():
            raise DataError(f"No face was found in any of {len(found)} sources.")
        self.notes = [*sample.notes, *_notes_on(sample.sources, own.counts)]
        self.title = sample.title
        self.age_groups = sample.groups
        self.real = sample.real
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
                for group in range(len(sample.groups))
            ]
            for judge, judged in self.predicted.ages.items()
        }
        names = [record.identity for record in sample.strangers.records]
        self.thresholds = {
            name: verification.threshold(strangers, name, usual, names)
            for name, usual in judges.usual_thresholds.items()
        }


def _predict_once(sample, judges):
    """Predictions of sources, real faces and strangers; of each file once."""
    parts = (sample.sources, sample.real, sample.strangers)
    rows, pixels, wanted = {}, [], []
    for part in parts:
        for record, face in zip(part.records, part.pixels, strict=True):
            if record.path not in rows:
                rows[record.path] = len(pixels)
                pixels.append(face)
        wanted.append([rows[record.path] for record in part.records])
    found = judges.predict(pixels, "judging real faces")
    return [found.at(np.array(chosen, int)) for chosen in wanted]


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
