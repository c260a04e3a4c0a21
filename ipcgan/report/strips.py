"""Chooses the faces that a report shows: strips of a person at every target."""

import numpy as np

from ipcgan.data.faces import evenly_spread
from ipcgan.evaluation.evaluator import Result
from ipcgan.evaluation.sample import AgedSample

_STRIPS = 20  # people of each kind.


def strips_of(sources: np.ndarray, aged: AgedSample, result: Result) -> dict[str, list]:
    """Chooses people of all ages, and those farthest from their source.

    Args:
        sources: [N, S, S, 3] uint8.
        aged: their faces at K targets.
        result: what was evaluated of these.

    Returns:
        {heading: rows}, a row being a source and its K faces, blank where there is
        none.
    """
    recogniser = list(result.report["thresholds"])[-1]
    distance = np.nan_to_num(result.values[f"distance/{recogniser}"], nan=np.inf)
    farthest = np.where(aged.made, distance, -np.inf).max(axis=1)
    blank = np.full_like(sources[0], 255)

    def rows(chosen):
        return [
            [
                sources[i],
                *np.where(aged.made[i][:, None, None, None], aged.faces[i], blank),
            ]
            for i in chosen
        ]

    # Spread over the people: the first in order are all of one age.
    some = evenly_spread(range(len(aged.faces)), _STRIPS)
    worst = np.argsort(-farthest, kind="stable")[:_STRIPS]
    return {
        "Some of the faces, not hand-picked": rows(some),
        f"Farthest from their source, by {recogniser}": rows(worst),
    }
