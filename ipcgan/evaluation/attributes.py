"""Whether ageing preserves gender, and groups of people by gender and race."""

from collections.abc import Sequence

import numpy as np

from ipcgan.data.records import Record

LABELS = ("gender", "race")  # of a Record.
FEWEST = 10  # people of a label, for figures of their own.


def gender_kept(genders: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Returns whether the gender judged of aged faces is that judged of the source.

    Args:
        genders: [N, K] "male" or "female"; "" where no face was found.
        own: [N], of the sources.

    Returns:
        [N, K] float, 1 or 0; 0 also where no face was found.
    """
    return (genders == own[:, None]).astype(float)


def by_label(records: Sequence[Record]) -> dict[str, dict[str, np.ndarray]]:
    """Returns which people have which label of the data set.

    Returns:
        {"gender": {"female": [N] bool, ...}, "race": {...}}; only labels that at
        least FEWEST people have, and no entry for a label that is missing.
    """
    result = {}
    for kind in LABELS:
        labels = np.array([getattr(record, kind) or "" for record in records])
        who = {name: labels == name for name in sorted(set(labels) - {""})}
        who = {name: mask for name, mask in who.items() if mask.sum() >= FEWEST}
        if who:
            result[kind] = who
    return result
