"""Runs every judge on every picture, once."""

import dataclasses
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from tqdm import tqdm

from ipcgan.evaluation.detection import FaceFinder
from ipcgan.evaluation.panel import Panel

_MOST_PROCESSES = 8  # each takes 200 MB.
_TOGETHER = 4  # faces that are sent to a process at a time.


@dataclasses.dataclass(frozen=True)
class Predictions:
    """What the judges predict of pictures; any leading shape, here [...].

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

    def at(self, rows: np.ndarray) -> "Predictions":
        """Returns the predictions, which are [N, ...], at rows of any shape.

        Of no picture where a row is -1.
        """
        rows = np.asarray(rows, int)
        absent = rows < 0

        def at_rows(values, blank):
            shape = absent.shape + (1,) * (values.ndim - 1)
            return np.where(absent.reshape(shape), blank, values[rows])

        def of_each(by_name, blank):
            return {name: at_rows(values, blank) for name, values in by_name.items()}

        return Predictions(
            counts=at_rows(self.counts, -1),
            ages=of_each(self.ages, np.nan),
            genders=of_each(self.genders, ""),
            descriptors=of_each(self.descriptors, np.nan),
            embeddings=of_each(self.embeddings, np.nan),
        )

    @classmethod
    def concatenate(cls, parts: Sequence["Predictions"]) -> "Predictions":
        """Returns the predictions of several parts, one after the other."""

        def of_each(name):
            values = [getattr(part, name) for part in parts]
            return {k: np.concatenate([v[k] for v in values]) for k in values[0]}

        return cls(
            counts=np.concatenate([part.counts for part in parts]),
            ages=of_each("ages"),
            genders=of_each("genders"),
            descriptors=of_each("descriptors"),
            embeddings=of_each("embeddings"),
        )


class Judges:
    """A face detector and a panel of age judges and recognisers.

    There is a process for each core, with judges of its own: dlib's networks hold the
    interpreter while they compute, so that threads would wait for each other.

    Args:
        make_panel: returns a new panel; it is called in each process, so it must be
            picklable (a functools.partial, not a lambda).

    Attributes:
        age_judges: their names.
        usual_thresholds: of each recogniser.
        embedders: their names.
    """

    def __init__(self, make_panel: Callable[[], Panel]):
        self._pool = ProcessPoolExecutor(
            min(_MOST_PROCESSES, os.cpu_count() or 1),
            # Not forked: the parent's threads may hold locks that a child could never
            # release.
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(make_panel,),
        )
        about = self._pool.submit(_about).result()
        self._lengths, self._sizes = about["lengths"], about["sizes"]
        self.age_judges = about["age_judges"]
        self.embedders = tuple(self._sizes)
        self.usual_thresholds = about["usual_thresholds"]

    def predict(
        self, faces: Sequence[np.ndarray] | np.ndarray, name: str
    ) -> Predictions:
        """Judges [S, S, 3] uint8 RGB faces, with a progress bar called `name`.

        A picture in which the detector finds no face has no age, gender or descriptor.
        """
        answers = self._map(_predictions, faces, name)
        counts, ages, genders, descriptors, embeddings = _columns(answers, 5)
        return Predictions(
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

    def embed(
        self, faces: Sequence[np.ndarray] | np.ndarray, name: str
    ) -> dict[str, np.ndarray]:
        """Returns of each embedder [N, E] of [S, S, 3] uint8 RGB faces."""
        if not self.embedders:
            return {}
        rows = self._map(_embeddings, faces, name)
        return {n: _column(rows, n, (s,), np.float32) for n, s in self._sizes.items()}

    def _map(self, function, faces, name):
        answers = self._pool.map(function, faces, chunksize=_TOGETHER)
        return list(
            tqdm(answers, name, total=len(faces), unit="face", dynamic_ncols=True)
        )


_judges = None  # In each process of a pool: (FaceFinder, Panel).


def _begin(make_panel):
    global _judges  # noqa: PLW0603 (a pool's processes have no other place)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The parent ends them.
    # A parent that is killed cannot: they would wait for it for ever.
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    _judges = FaceFinder(), make_panel()


def _end_with_the_parent():
    multiprocessing.parent_process().join()
    os._exit(1)


def _about():
    _, panel = _judges
    return {
        "age_judges": tuple(panel.age_judges),
        "usual_thresholds": {n: m.threshold for n, m in panel.recognisers.items()},
        "lengths": {n: model.length for n, model in panel.recognisers.items()},
        "sizes": {n: model.length for n, model in panel.embedders.items()},
    }


def _predictions(face):
    finder, panel = _judges
    count, embeddings = finder.count(face), _embeddings(face)
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


def _embeddings(face):
    _, panel = _judges
    return {name: model.embed(face) for name, model in panel.embedders.items()}


def _columns(rows, width):
    """Transposes rows; `width` empty columns where there are none."""
    return zip(*rows, strict=True) if rows else ((),) * width


def _column(rows, name, shape, kind):
    return np.array([row[name] for row in rows], kind).reshape(len(rows), *shape)
