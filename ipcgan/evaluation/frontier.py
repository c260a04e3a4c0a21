"""How much identity is lost per year of ageing, from weak changes to strong ones."""

import numpy as np

from ipcgan.evaluation import intervals
from ipcgan.evaluation.evaluator import Evaluator
from ipcgan.evaluation.sample import AgedSample

# How much of the change is applied: 0 is a copy, 1 the network's own answer.
BLENDS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5)


def measure(evaluator: Evaluator, aged: AgedSample) -> dict:
    """Ages people to the oldest group by several shares of the change.

    People are those of `evaluator.baseline_people` who are younger than that.

    Returns:
        The "frontier" of a report: target; people, their number; real, the mean judged
        age of real faces of the target by age judge, NaN where there are none; points,
        for each of BLENDS a dict of blend and the intervals judged_age/J, distance/R
        and same_strict/R of age judges J and recognisers R. {} where there is no such
        person.
    """
    oldest = aged.faces.shape[1] - 1
    who = evaluator.baseline_people() & (evaluator.sample.groups < oldest)
    who &= aged.made[:, oldest]
    if not who.any():
        return {}
    rows = np.where(who, np.cumsum(who) - 1, -1)[:, None].repeat(oldest + 1, axis=1)
    sources, faces = evaluator.sample.sources.pixels[who], aged.faces[who, oldest]
    points = []
    for blend in BLENDS:
        blended = blended_faces(sources, faces, blend)
        found = evaluator.judges.predict(blended, f"judging a change of {blend:g}")
        values = evaluator.values(found.at(rows))
        wanted = ("judged_age/", "distance/", "same_strict/")
        points.append(
            {"blend": blend}
            | {
                name: intervals.mean_interval(value[:, oldest])
                for name, value in values.items()
                if name.startswith(wanted)
            }
        )
    return {
        "target": evaluator.sample.age_groups.names[oldest],
        "people": int(who.sum()),
        "real": {
            judge: float(np.mean(ages[oldest])) if len(ages[oldest]) else np.nan
            for judge, ages in evaluator.sample.real_ages.items()
        },
        "points": points,
    }


def blended_faces(sources: np.ndarray, faces: np.ndarray, blend: float) -> np.ndarray:
    """Returns [N, S, S, 3] uint8 sources with `blend` times what ageing changed."""
    change = faces.astype(np.float32) - sources
    return np.rint(sources + blend * change).clip(0, 255).astype(np.uint8)
