"""How much ageing survives in photographs that aged faces are pasted into.

N people, K targets.
"""

import dataclasses

import numpy as np

from ipcgan.age_groups import AgeGroups
from ipcgan.data.records import Record
from ipcgan.evaluation import age, figures, identity, intervals, retention
from ipcgan.evaluation.judges import Predictions
from ipcgan.evaluation.verification import STRICT_RATE


@dataclasses.dataclass(frozen=True)
class PhotographPredictions:
    """What the judges predict of N people in photographs, at K targets.

    Attributes:
        records: N people, as their files' names tell.
        before: [N], the faces as they are cut out of the photographs.
        control: [N], cut again out of untouched photographs that were written.
        crops: [N, K], the aged faces.
        photographs: [N, K], cut again out of the photographs that were written.
    """

    records: tuple[Record, ...]
    before: Predictions
    control: Predictions
    crops: Predictions
    photographs: Predictions

    def at(self, rows: np.ndarray) -> "PhotographPredictions":
        """Returns those of the people in some rows."""
        return PhotographPredictions(
            tuple(self.records[row] for row in rows),
            self.before.at(rows),
            self.control.at(rows),
            self.crops.at(rows),
            self.photographs.at(rows),
        )


def measure(found: PhotographPredictions, groups: AgeGroups) -> dict:
    """Returns the figures of people in photographs.

    Args:
        found: N people at K targets, all with a face before they are aged.
        groups: K of them.

    Returns:
        thresholds: of each recogniser the distance at which STRICT_RATE of
            pairs of the people pass, and the number of pairs.
        targets: of each group's name, and of "younger" and "older" (than the person,
            who counts once with the mean or sum of several targets): the number of
            people, of pictures, not_found (of these, in how many photographs) and
            no_crop (aged faces in which the judges find none, which are left out);
            and the intervals input/J, crop/J, photograph/J, control/J (years) and
            survival/J (retention) of each age judge J, and distance/crop/R,
            distance/photograph/R, distance/control/R, same/crop/R, same/photograph/R,
            same/control/R of each recogniser R.
        notes: what else a reader should know.
    """
    own, known = _own_groups(found, groups)
    limits = _thresholds(found)
    towards = retention.towards(own, len(groups))
    columns = np.arange(len(groups))
    parts = {n: towards * (columns == k) for k, n in enumerate(groups.names)}
    parts |= {"younger": np.minimum(towards, 0), "older": np.maximum(towards, 0)}
    rows = {name: _row(found, part, limits) for name, part in parts.items()}
    return {
        "people": len(found.records),
        "thresholds": limits,
        "targets": rows,
        "notes": _notes(found, known, limits),
    }


def _own_groups(found, groups):
    """Returns ([N] own age groups, how they are known, for people)."""
    judge, years = next(iter(found.before.ages.items()))
    own = age.judged_groups(years, groups).astype(int)
    told = [r.group is not None or r.age is not None for r in found.records]
    for row in np.flatnonzero(told):
        group = found.records[row].group
        own[row] = age.TOO_YOUNG if group is None else group
    known = f"{sum(told)} known from file names, {len(told) - sum(told)} judged by"
    return own, f"{known} {judge}"


def _thresholds(found):
    names = [record.identity for record in found.records]
    limits = {}
    for name, descriptors in found.before.descriptors.items():
        pairs = identity.stranger_distances(descriptors, names)
        limit = identity.threshold_at(pairs, STRICT_RATE)
        limits[name] = {"strict": float(limit), "num_pairs": len(pairs)}
    return limits


def _row(found, towards, limits):
    """Returns the figures of the pictures for which `towards`, [N, K], is not 0."""
    no_crop = (towards != 0) & (found.crops.counts <= 0)
    who = (towards != 0) & ~no_crop
    row = {
        "people": int(who.any(axis=1).sum()),
        "pictures": int(who.sum()),
        "not_found": int((who & (found.photographs.counts <= 0)).sum()),
        "no_crop": int(no_crop.sum()),
    }

    def mean(values):
        chosen = np.where(who, values, np.nan)
        return intervals.mean_interval(figures.mean_of_person(chosen))

    for judge, before in found.before.ages.items():
        crops, photographs = found.crops.ages[judge], found.photographs.ages[judge]
        control = found.control.ages[judge][:, None]
        row |= {
            f"input/{judge}": mean(before[:, None]),
            f"crop/{judge}": mean(crops),
            f"photograph/{judge}": mean(retention.found_or_before(photographs, before)),
            f"control/{judge}": mean(retention.found_or_before(control, before)),
            f"survival/{judge}": retention.retention(
                before, crops, photographs, towards
            ),
        }
    for name, limit in limits.items():
        for what, descriptors in (
            ("crop", found.crops.descriptors[name]),
            ("photograph", found.photographs.descriptors[name]),
            ("control", found.control.descriptors[name][:, None]),
        ):
            before = found.before.descriptors[name][:, None]
            distance = identity.distances(descriptors, before)
            same = identity.same_person(distance, limit["strict"])
            row[f"distance/{what}/{name}"] = mean(distance)
            row[f"same/{what}/{name}"] = mean(same)
    return row


def _notes(found, known, limits):
    notes = [
        "Input: the face as it is cut out of the photograph. Crop: the aged face "
        "itself. Photograph: the face that is found again in the written photograph "
        "with the aged face. Control: the same for the untouched photograph, written "
        "alike.",
        "Retention: the sum over people of (photograph - input) by that of (crop - "
        "input), in judged years towards the target; no bounds: the crops' change may "
        "be none. A target's figures leave out people who are of its age group "
        f"already; groups of {len(found.records)} people: {known}.",
        "A face that is not found again counts as not aged, and as another person.",
    ]
    lost = int((found.control.counts <= 0).sum())
    if lost:
        notes.append(f"In {lost} untouched photographs the face is not found again.")
    for name, limit in limits.items():
        if np.isnan(limit["strict"]):
            notes.append(
                f"{name}: {limit['num_pairs']} pairs of people are too few for a "
                "threshold that 1 in 1,000 pass."
            )
        else:
            notes.append(
                f"{name}: {limit['strict']:.3f} is the threshold that 1 in 1,000 of "
                f"{limit['num_pairs']} pairs of people pass, each photograph being "
                "taken for somebody else unless the names tell."
            )
    return notes
