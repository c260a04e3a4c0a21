"""What ageing should leave alone, and for whom it works less well."""

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
        [N, K] float, 1 or 0: a face that is none any more has not kept its gender.
    """
    return (genders == own[:, None]).astype(float)


def by_label(records: Sequence[Record]) -> dict[str, dict[str, np.ndarray]]:
    """Returns who has which label, as the data set gives them.

    Returns:
        {"gender": {"female": [N] bool, ...}, "race": {...}}; only labels that at
        least FEWEST people have, and nothing for a label that nobody has.
    """
    result = {}
    for kind in LABELS:
        labels = np.array([getattr(record, kind) or "" for record in records])
        who = {name: labels == name for name in sorted(set(labels) - {""})}
        who = {name: mask for name, mask in who.items() if mask.sum() >= FEWEST}
        if who:
            result[kind] = who
    return result
