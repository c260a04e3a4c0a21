"""Which aged faces a report shows: strips of a person and the faces at every target."""

import numpy as np

from ipcgan.data.faces import evenly_spread
from ipcgan.evaluation.evaluator import Result
from ipcgan.evaluation.sample import AgedSample

_STRIPS = 20  # people of each kind.


def strips_of(sources: np.ndarray, aged: AgedSample, result: Result) -> dict[str, list]:
    """Chooses people of all ages, and those least like themselves.

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

    # Not the first in order, who are all of one age: spread over the people.
    some = evenly_spread(range(len(aged.faces)), _STRIPS)
    worst = np.argsort(-farthest, kind="stable")[:_STRIPS]
    return {
        "Some of the faces, not chosen": rows(some),
        f"Farthest from their source, by {recogniser}": rows(worst),
    }
