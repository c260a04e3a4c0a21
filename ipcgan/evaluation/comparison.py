"""Compares networks that aged the same people: a row of figures for each."""

import dataclasses

import numpy as np

from ipcgan.evaluation import age, figures, goals, intervals, resampling
from ipcgan.evaluation.evaluator import Result


@dataclasses.dataclass(frozen=True)
class Row:
    """What is measured of one network; intervals are of means over people.

    Attributes:
        name: the checkpoint's folder.
        family: whose network it is.
        groups: names of the age groups, youngest first.
        pixels: side of its faces.
        same_person: of each recogniser, recognised where 1 of 1,000 strangers is, over
            all targets but the own group.
        one_away: the same, of targets one group from the own.
        off: of each age judge, difference in judged years from real faces of the
            target, mean over targets.
        rank_correlation: of each age judge, of the targets and the mean judged ages of
            everybody.
        never_steps_back: of each age judge, whose judged age rises over the targets of
            adults.
        gender_kept: of each age judge, judged gender, over all targets.
        kid: KID to real faces over that of copies; NaN: not measured.
        face_found: in how many of the aged faces a face is found.
        background: by how many levels of 255 a pixel outside the head changes.
        seconds: for one face at one age.
        judged: of each age judge, mean judged age of every target, years.
        teachers: recognisers that were used in its training or in its latent search.
        score: by its own goals, and its interval; NaN: none.
        resampled: its score on samples drawn again from the people; see resampling.
    """

    name: str
    family: str
    groups: tuple[str, ...]
    pixels: int
    same_person: dict[str, intervals.Interval]
    one_away: dict[str, intervals.Interval]
    off: dict[str, float]
    rank_correlation: dict[str, float]
    never_steps_back: dict[str, intervals.Interval]
    gender_kept: dict[str, intervals.Interval]
    kid: float
    face_found: intervals.Interval
    background: float
    seconds: float
    judged: dict[str, tuple[float, ...]]
    teachers: tuple[str, ...]
    score: intervals.Interval
    resampled: tuple[float, ...]


def make_row(result: Result, source_groups: np.ndarray, **about) -> Row:
    """Returns the row of a network.

    Args:
        result: of N people, aged to K groups.
        source_groups: [N] their own groups.
        **about: those of Row that are no figures of `result`: name, family, groups,
            pixels, background, seconds.
    """
    found, values = result.report, result.values
    judges, names = found["age_judges"], list(found["thresholds"])
    summary, targets = found["summary"], [t["all"] for t in found["targets"].values()]
    own = source_groups[:, None] == np.arange(len(targets))
    means = {j: np.nanmean(values[f"judged_age/{j}"], axis=0) for j in judges}
    kid = found["kid"].get(goals.QUALITY_JUDGE, {"targets": {}})["targets"]

    def over_targets(name):
        same = np.where(own, np.nan, values[f"same_strict/{name}"])
        return intervals.mean_interval(figures.mean_of_person(same))

    def off(judge):
        biases = [abs(target[f"age_bias/{judge}"][0]) for target in targets]
        return float(np.nanmean(biases)) if np.isfinite(biases).any() else np.nan

    return Row(
        **about,
        same_person={name: over_targets(name) for name in names},
        one_away={n: summary[f"one_away/same_strict/{n}"] for n in names},
        off={judge: off(judge) for judge in judges},
        rank_correlation={
            j: float(age.rank_correlation(means[j][None])[0]) for j in judges
        },
        never_steps_back={j: summary[f"never_steps_back/{j}"] for j in judges},
        gender_kept={j: summary[f"gender_kept/{j}"] for j in judges},
        kid=goals.kid_ratio(kid.values()) if kid else np.nan,
        face_found=summary["face_found"],
        judged={j: tuple(float(mean) for mean in means[j]) for j in judges},
        teachers=tuple(found["teachers"]),
        score=(found["score"], *resampling.interval(found["resampled_scores"])),
        resampled=tuple(found["resampled_scores"]),
    )


def change_behind(sources: np.ndarray, faces: np.ndarray, behind: np.ndarray) -> float:
    """Returns by how many levels of 255 pixels outside of the head change, on average.

    Args:
        sources: [N, S, S, 3] uint8.
        faces: [N, K, S, S, 3] uint8, the same people aged.
        behind: [S, S] bool, where the head is not.
    """
    change = np.abs(faces.astype(np.float32) - sources[:, None])
    return float(change[:, :, behind].mean())
