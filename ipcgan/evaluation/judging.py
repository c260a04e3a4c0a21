"""Every picture is looked at once, by every judge."""

import dataclasses
import os
import queue
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from tqdm import tqdm

from ipcgan.evaluation.age import AgeJudge
from ipcgan.evaluation.detection import FaceFinder

_MAX_PANELS = 4  # more would not be faster: a panel's age judge has a core of its own.


@dataclasses.dataclass(frozen=True)
class Opinions:
    """What the judges say of pictures; any leading shape, here [...].

    Attributes:
        ages: [...] years; NaN where no face was found.
        genders: [...] "male" or "female"; "" where no face was found.
        counts: [...] int, how many faces a detector finds; -1: there is no picture.
        descriptors: of each recogniser [..., D]; NaN where no face was found.
    """

    ages: np.ndarray
    genders: np.ndarray
    counts: np.ndarray
    descriptors: Mapping[str, np.ndarray]

    def at(self, rows: np.ndarray) -> "Opinions":
        """Returns the opinions of rows, any shape; of no picture where a row is -1."""
        rows = np.asarray(rows, int)
        absent = rows < 0
        return Opinions(
            ages=np.where(absent, np.nan, self.ages[rows]),
            genders=np.where(absent, "", self.genders[rows]),
            counts=np.where(absent, -1, self.counts[rows]),
            descriptors={
                name: np.where(absent[..., None], np.nan, values[rows])
                for name, values in self.descriptors.items()
            },
        )


class Judges:
    """A face detector, an age judge and any number of recognisers.

    They are there as often as there are cores, because dlib's networks cannot be used
    by two threads at once.

    Args:
        make_recognisers: returns new recognisers by name, each with `length` D, its
            own `threshold` and `describe(face) -> [D]`.

    Attributes:
        lengths: D of each recogniser.
        usual_thresholds: of each recogniser.
    """

    def __init__(self, make_recognisers: Callable[[], Mapping]):
        self._panels = queue.SimpleQueue()
        self._num_panels = min(_MAX_PANELS, os.cpu_count() or 1)
        for _ in range(self._num_panels):
            recognisers = make_recognisers()
            self._panels.put((FaceFinder(), AgeJudge(), recognisers))
        self.lengths = {name: model.length for name, model in recognisers.items()}
        self.usual_thresholds = {n: m.threshold for n, m in recognisers.items()}

    def look(self, faces: Sequence[np.ndarray], name: str) -> Opinions:
        """Judges [S, S, 3] uint8 RGB faces, with a progress bar called `name`.

        A picture in which the detector finds no face is not judged any further.
        """
        with ThreadPoolExecutor(self._num_panels) as pool:
            answers = pool.map(self._look_at, faces)
            bar = tqdm(answers, name, total=len(faces), unit="face", dynamic_ncols=True)
            counts, ages, genders, descriptors = _columns(list(bar), 4)
        return Opinions(
            ages=np.array(ages, float),
            genders=np.array(genders, dtype="U6"),
            counts=np.array(counts, int),
            descriptors={
                name: np.array([row[name] for row in descriptors], np.float32).reshape(
                    len(faces), length
                )
                for name, length in self.lengths.items()
            },
        )

    def _look_at(self, face):
        panel = self._panels.get()
        try:
            finder, age_judge, recognisers = panel
            count = finder.count(face)
            if not count:
                blank = {n: np.full(d, np.nan) for n, d in self.lengths.items()}
                return 0, np.nan, "", blank
            described = {n: model.describe(face) for n, model in recognisers.items()}
            return count, *age_judge.judge(face), described
        finally:
            self._panels.put(panel)


def _columns(rows, width):
    """Transposes rows; `width` empty columns where there are none."""
    return zip(*rows, strict=True) if rows else ((),) * width
