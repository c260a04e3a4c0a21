"""Minimises many independent rows at once, with one call for all gradients.

Each row is a point of its own, and no row affects another. Only the networks' calls are
shared, because a batch is cheaper than its rows.
"""

import dataclasses
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
from scipy import optimize
from tqdm import tqdm

_PATIENCE = 30  # steps of Adam without progress of any row that end its search.


@dataclasses.dataclass(frozen=True)
class Minimum:
    """The end of N searches.

    Attributes:
        points: [N, D] float32, the best that was found of each.
        values: [N] the objective there.
        traces: of each row the objective at the start and after every step that was
            kept.
    """

    points: np.ndarray
    values: np.ndarray
    traces: list[list[float]]


def lbfgs(
    function: Callable,
    start: np.ndarray,
    *,
    steps: int,
    tolerance: float,
    bound: float,
    name: str = "searching",
) -> Minimum:
    """Searches with SciPy's L-BFGS-B, by which no row's objective ever rises.

    Args:
        function: [N, D] float32 -> (values [N], gradients [N, D]).
        start: [N, D]; what lies outside the bound begins at it.
        steps: of each row at most; a line search that asks twice has made two, so that
            the searches of a batch end together.
        tolerance: a row's search ends with a step that lowers its objective by less
            than this share of it (or of 1, if that is more).
        bound: largest absolute value of a number.
        name: of the progress bar.

    Source: Byrd, Lu, Nocedal, Zhu, SIAM J. Scientific Computing 1995.
    """
    start = np.clip(start, -bound, bound).astype(np.float32)
    count, size = start.shape
    meeting = _Meeting(function, start)
    traces: list[list[float]] = [[] for _ in range(count)]
    limits = {
        "bounds": [(-bound, bound)] * size,
        "options": {"maxfun": steps, "ftol": tolerance, "gtol": 0.0},
    }
    most = steps + 1  # evaluations of a row: the start is no step.

    def search(row, bar):
        try:
            point, value, evaluations = _search_row(
                lambda point: meeting.ask(row, point),
                start[row],
                limits,
                traces[row],
                bar,
            )
            bar.update(most - evaluations)
            return point, value
        finally:
            meeting.leave()

    with (
        tqdm(total=count * most, desc=name, unit="step", leave=False) as bar,
        ThreadPoolExecutor(count) as pool,
    ):
        searches = [pool.submit(search, row, bar) for row in range(count)]
        try:
            meeting.serve()
        finally:
            meeting.close()
        found = [each.result() for each in searches]
    points, values = zip(*found, strict=True)
    return Minimum(np.stack(points), np.array(values), traces)


def _search_row(function, start, limits, trace, bar):
    """Searches one row, and notes its trace; returns (point, value, evaluations)."""

    def ask(point):
        value, gradient = function(point)
        if not trace:
            trace.append(value)
        bar.update()
        return value, gradient

    def note(intermediate_result):
        trace.append(float(intermediate_result.fun))

    result = optimize.minimize(
        ask,
        start.astype(np.float64),
        jac=True,
        method="L-BFGS-B",
        callback=note,
        **limits,
    )
    return result.x.astype(np.float32), float(result.fun), result.nfev


class _Closed(Exception):
    """Ends searches that still wait for a value when the meeting closes."""


class _Meeting:
    """Collects one point from each search, to evaluate all of them together.

    SciPy's search asks for a value and waits until every other search has asked as
    well, or has ended.
    """

    def __init__(self, function, start):
        self._function = function
        self._points = start.copy()  # an ended search keeps its last point.
        self._searching = len(start)
        self._waiting = set()
        self._changed = threading.Condition()
        self._closed = False
        self._answers = None

    def ask(self, row, point):
        """Returns (value, gradient [D] float64) of a row at a point."""
        with self._changed:
            self._points[row] = point
            self._waiting.add(row)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._closed or row not in self._waiting)
            if self._closed:
                raise _Closed
            values, gradients = self._answers
            return float(values[row]), gradients[row].astype(np.float64)

    def leave(self):
        """A search has ended."""
        with self._changed:
            self._searching -= 1
            self._changed.notify_all()

    def serve(self):
        """Answers until every search has ended; in the thread of the networks."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: len(self._waiting) == self._searching)
                if not self._searching:
                    return
            answers = _in_numpy(self._function(self._points.copy()))
            with self._changed:
                self._answers = answers
                self._waiting.clear()
                self._changed.notify_all()

    def close(self):
        """Stops answering, which ends all waiting searches."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def adam(
    function: Callable,
    start: np.ndarray,
    *,
    steps: int,
    tolerance: float,
    bound: float,
    learning_rate: float,
    name: str = "searching",
) -> Minimum:
    """Searches with Adam, which may rise on its way: the best point counts.

    It ends when no row has improved by the tolerance in 30 steps. The arguments are
    those of `lbfgs`, and the learning rate, which falls to 0 as a cosine.

    Source: Kingma, Ba, ICLR 2015.
    """
    points = keras.Variable(np.clip(start, -bound, bound).astype(np.float32))
    rate = keras.optimizers.schedules.CosineDecay(learning_rate, steps)
    optimizer = keras.optimizers.Adam(rate)
    best_points = keras.ops.convert_to_numpy(points).copy()
    values, gradients = _in_numpy(function(best_points))
    best, traces, since = values.copy(), [[float(v)] for v in values], 0
    for _ in tqdm(range(steps), desc=name, unit="step", leave=False):
        optimizer.apply([keras.ops.convert_to_tensor(gradients)], [points])
        points.assign(keras.ops.clip(points.value, -bound, bound))
        here = keras.ops.convert_to_numpy(points)
        values, gradients = _in_numpy(function(here))
        for trace, value in zip(traces, values, strict=True):
            trace.append(float(value))
        enough = best - values >= tolerance * np.maximum(np.abs(best), 1.0)
        better = values < best
        best_points = np.where(better[:, None], here, best_points)
        best = np.where(better, values, best)
        since = 0 if enough.any() else since + 1
        if since == _PATIENCE:
            break
    return Minimum(best_points.astype(np.float32), best.astype(np.float64), traces)


def _in_numpy(answers):
    values, gradients = (keras.ops.convert_to_numpy(x) for x in answers)
    return values.astype(np.float64), gradients
