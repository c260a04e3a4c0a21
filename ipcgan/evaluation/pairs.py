"""Compares aged faces with later pictures of the same people.

The only evaluation that shows whether people came to look as predicted.
"""

from collections.abc import Sequence

import numpy as np

from ipcgan.age_groups import AgeGroups
from ipcgan.data.pairs import Pair
from ipcgan.evaluation import identity, intervals
from ipcgan.evaluation.judges import Predictions

ALL = "all"  # targets.


def measure(
    pairs: Sequence[Pair],
    before: Predictions,
    later: Predictions,
    aged: Predictions,
    groups: AgeGroups,
) -> dict:
    """Returns the figures of P pairs, with a face in both pictures.

    Args:
        pairs: P of them.
        before: [P], of the sources.
        later: [P], of the later pictures.
        aged: [P], of the aged sources.
        groups: K age groups.

    Returns:
        targets: of each group's name, and of "all": the number of people, of pairs and
            of those with no_face in the aged source, and intervals over people: of each
            recogniser R distance/aged/R and distance/input/R (to the later picture),
            distance/gain/R (the former minus the latter), nearer/R (share for whom the
            aged source is nearer than the source); of each age judge J age/aged/J,
            age/later/J, age/input/J and age/off/J (aged minus later), in years.
        notes: what else a reader should know.
    """
    values = _values(before, later, aged)
    numbers = {name: n for n, name in enumerate(dict.fromkeys(p.person for p in pairs))}
    people = np.array([numbers[pair.person] for pair in pairs])
    of_pair = np.array([pair.group for pair in pairs])
    masks = {name: of_pair == group for group, name in enumerate(groups.names)}
    rows: dict[str, dict] = {}
    for name, who in {**masks, ALL: np.ones(len(pairs), bool)}.items():
        rows[name] = {
            "people": len(np.unique(people[who])),
            "pairs": int(who.sum()),
            "no_face": int((aged.counts[who] == 0).sum()),
        }
        for figure, of_pairs in values.items():
            means = _mean_by_person(of_pairs[who], people[who])
            rows[name][figure] = intervals.mean_interval(means)
    notes = [
        "Distances are to the later picture: from the aged source, and from the "
        "untouched source. Nearer: the share of people whose aged source is the nearer "
        "one. A person of several pairs counts once, with their mean.",
        "An aged source in which no face is found counts as not nearer, and is left "
        "out of all other figures.",
    ]
    return {"people": len(numbers), "targets": rows, "notes": notes}


def _values(before, later, aged):
    """Returns the figures of each pair, [P] float; NaN without a face in the aged."""
    found = aged.counts > 0
    values = {}
    for name, wanted in later.descriptors.items():
        own = identity.distances(before.descriptors[name], wanted)
        its = identity.distances(aged.descriptors[name], wanted)
        values |= {
            f"distance/aged/{name}": its,
            f"distance/input/{name}": np.where(found, own, np.nan),
            f"distance/gain/{name}": its - own,
            f"nearer/{name}": (its < own).astype(float),
        }
    for name, wanted in later.ages.items():
        its = aged.ages[name]
        values |= {
            f"age/aged/{name}": its,
            f"age/later/{name}": np.where(found, wanted, np.nan),
            f"age/input/{name}": np.where(found, before.ages[name], np.nan),
            f"age/off/{name}": its - wanted,
        }
    return values


def _mean_by_person(values, people):
    """Returns the mean of each person's [P] values; people without any are left out."""
    known = np.isfinite(values)
    _, numbers = np.unique(people[known], return_inverse=True)
    return np.bincount(numbers, values[known]) / np.bincount(numbers)
