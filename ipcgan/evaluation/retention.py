"""How much of its ageing a face keeps when it goes back into its photograph.

N people, K targets. Ages are judged years: of the face as it was, of the aged face
itself, and of the face that was cut again out of the photograph with the aged face.
"""

import numpy as np

from ipcgan.evaluation import intervals


def found_or_before(photographs: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Returns ages in photographs; those before where no face is found any more.

    A face that is not found shows no ageing.

    Args:
        photographs: [N, K]; NaN where no face was found.
        before: [N].

    Returns:
        [N, K].
    """
    return np.where(np.isnan(photographs), before[:, None], photographs)


def towards(groups: np.ndarray, num_targets: int) -> np.ndarray:
    """Returns where targets lie from people: [N, K] int.

    1 where the target is older than the person, -1 where it is younger, 0 where it is
    the person's own group.

    Args:
        groups: [N] own age groups; below 0: younger than all of them.
        num_targets: K.
    """
    return np.sign(np.arange(num_targets) - groups[:, None])


def retention(
    before: np.ndarray, aged: np.ndarray, photographs: np.ndarray, towards: np.ndarray
) -> intervals.Interval:
    """Returns the share of the change of judged age that is kept, over people.

    That is the sum of (photograph - before) by the sum of (aged - before), both counted
    towards the target: 1 where the photographs look as old as the aged faces, 0 where
    they look as before.

    Args:
        before: [N].
        aged: [N, K]; NaN takes no part.
        photographs: [N, K]; NaN where no face was found, see found_or_before.
        towards: [N, K], see towards; 0 takes no part.
    """
    change = aged - before[:, None]
    kept = found_or_before(photographs, before) - before[:, None]
    counts = np.isfinite(change) & (towards != 0)
    people = counts.any(axis=1)
    kept, change = (
        np.where(counts, towards * values, 0.0).sum(axis=1)[people]
        for values in (kept, change)
    )
    return intervals.ratio_interval(kept, change)
