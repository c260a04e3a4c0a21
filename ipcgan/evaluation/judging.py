"""Every picture is looked at once, by every judge."""

import dataclasses
import os
import queue
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from tqdm import tqdm

from ipcgan.evaluation.detection import FaceFinder
from ipcgan.evaluation.panel import Panel

_MAX_PANELS = (
    4  # more would not be faster: a panel's networks have a core of their own.
)


@dataclasses.dataclass(frozen=True)
class Opinions:
    """What the judges say of pictures; any leading shape, here [...].

    Attributes:
        counts: [...] int, how many faces a detector finds; -1: there is no picture.
        ages: of each age judge [...] years; NaN where no face was found.
        genders: of each age judge [...] "male" or "female"; "" where no face was found.
        descriptors: of each recogniser [..., D]; NaN where no face was found.
        embeddings: of each embedder [..., E], of every picture, also of one in which
            no face was found; NaN where there is no picture.
    """

    counts: np.ndarray
    ages: Mapping[str, np.ndarray]
    genders: Mapping[str, np.ndarray]
    descriptors: Mapping[str, np.ndarray]
    embeddings: Mapping[str, np.ndarray]

    def at(self, rows: np.ndarray) -> "Opinions":
        """Returns the opinions, which are [N], at rows of any shape.

        Of no picture where a row is -1.
        """
        rows = np.asarray(rows, int)
        absent = rows < 0

        def chosen(of_each, blank):
            return {
                name: np.where(
                    absent.reshape(absent.shape + (1,) * (values.ndim - 1)),
                    blank,
                    values[rows],
                )
                for name, values in of_each.items()
            }

        return Opinions(
            counts=np.where(absent, -1, self.counts[rows]),
            ages=chosen(self.ages, np.nan),
            genders=chosen(self.genders, ""),
            descriptors=chosen(self.descriptors, np.nan),
            embeddings=chosen(self.embeddings, np.nan),
        )


class Judges:
    """A face detector and a panel of age judges and recognisers.

    They are there as often as there are cores, because their networks cannot be used
    by two threads at once.

    Args:
        make_panel: returns a new panel.

    Attributes:
        age_judges: their names.
        usual_thresholds: of each recogniser.
        embedders: their names.
    """

    def __init__(self, make_panel: Callable[[], Panel]):
        self._free = queue.SimpleQueue()
        self._count = min(_MAX_PANELS, os.cpu_count() or 1)
        for _ in range(self._count):
            panel = make_panel()
            self._free.put((FaceFinder(), panel))
        self._lengths = {n: model.length for n, model in panel.recognisers.items()}
        self._sizes = {n: model.length for n, model in panel.embedders.items()}
        self.age_judges = tuple(panel.age_judges)
        self.embedders = tuple(panel.embedders)
        self.usual_thresholds = {n: m.threshold for n, m in panel.recognisers.items()}

    def look(self, faces: Sequence[np.ndarray], name: str) -> Opinions:
        """Judges [S, S, 3] uint8 RGB faces, with a progress bar called `name`.

        A picture in which the detector finds no face has no age, gender or descriptor.
        """
        answers = self._ask_all(_opinions, faces, name)
        counts, ages, genders, descriptors, embeddings = _columns(answers, 5)
        return Opinions(
            counts=np.array(counts, int),
            ages={n: _column(ages, n, (), float) for n in self.age_judges},
            genders={n: _column(genders, n, (), "U6") for n in self.age_judges},
            descriptors={
                n: _column(descriptors, n, (length,), np.float32)
                for n, length in self._lengths.items()
            },
            embeddings={
                n: _column(embeddings, n, (size,), np.float32)
                for n, size in self._sizes.items()
            },
        )

    def embed(self, faces: Sequence[np.ndarray], name: str) -> dict[str, np.ndarray]:
        """Returns of each embedder [N, E] of [S, S, 3] uint8 RGB faces."""
        if not self.embedders:
            return {}
        rows = self._ask_all(_embeddings, faces, name)
        return {n: _column(rows, n, (s,), np.float32) for n, s in self._sizes.items()}

    def _ask_all(self, ask, faces, name):
        def answer(face):
            finder, panel = self._free.get()
            try:
                return ask(finder, panel, face)
            finally:
                self._free.put((finder, panel))

        with ThreadPoolExecutor(self._count) as pool:
            answers = pool.map(answer, faces)
            return list(
                tqdm(answers, name, total=len(faces), unit="face", dynamic_ncols=True)
            )


def _opinions(finder, panel, face):
    count = finder.count(face)
    embeddings = _embeddings(finder, panel, face)
    if not count:
        return (
            0,
            dict.fromkeys(panel.age_judges, np.nan),
            dict.fromkeys(panel.age_judges, ""),
            {n: np.full(r.length, np.nan) for n, r in panel.recognisers.items()},
            embeddings,
        )
    judged = {name: judge.judge(face) for name, judge in panel.age_judges.items()}
    return (
        count,
        {name: years for name, (years, _) in judged.items()},
        {name: gender for name, (_, gender) in judged.items()},
        {name: model.describe(face) for name, model in panel.recognisers.items()},
        embeddings,
    )


def _embeddings(finder, panel, face):
    return {name: model.embed(face) for name, model in panel.embedders.items()}


def _columns(rows, width):
    """Transposes rows; `width` empty columns where there are none."""
    return zip(*rows, strict=True) if rows else ((),) * width


def _column(rows, name, shape, kind):
    return np.array([row[name] for row in rows], kind).reshape(len(rows), *shape)
