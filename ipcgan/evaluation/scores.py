"""The scores of a run's checkpoints, and the choice of the best one."""

from collections.abc import Mapping, Sequence

import numpy as np

from ipcgan import age_groups
from ipcgan.data.records import DataError
from ipcgan.evaluation import goals, resampling


def entry_of(report: Mapping, names: Sequence[str], step: int) -> dict:
    """Returns what is kept of a checkpoint's report.

    Args:
        report: as the Evaluator makes it.
        names: of the age groups.
        step: of the checkpoint.
    """
    named = zip(goals.goals_of(names), report["goals"], strict=True)
    return {
        "step": step,
        "score": _rounded(report["score"]),
        "resampled": report["resampled_scores"],
        "missing": report["missing"],
        "parts": {axis: _rounded(v) for axis, v in report["score_parts"].items()},
        "figures": {f"{g.axis}: {g.name}": _rounded(f["value"]) for g, f in named},
    }


def best(entries: Sequence[dict]) -> dict | None:
    """Returns the entry with the lowest score; of equal ones the latest.

    None where none has a score: something was not measured.
    """
    scored = [entry for entry in entries if entry["score"] is not None]
    if not scored:
        return None
    return min(scored, key=lambda entry: (entry["score"], -entry["step"]))


def alike(entries: Sequence[dict], chosen: dict) -> list[dict]:
    """Returns the other entries whose score these people do not tell from a chosen one.

    The interval of the difference holds 0. Entries that were not resampled, as earlier
    programs wrote them, are left out.
    """
    others = [entry for entry in entries if entry is not chosen]
    both = [e for e in others if e.get("resampled") and chosen.get("resampled")]
    return [
        e
        for e in both
        if _holds_0(resampling.difference(e["resampled"], chosen["resampled"]))
    ]


def _holds_0(ends):
    return ends[0] <= 0.0 <= ends[1]


def goals_of(entries: Sequence[dict]) -> tuple[goals.Goal, ...]:
    """Returns the goals that entries have figures of: those of their age groups.

    Raises:
        DataError: if their age groups are not known here.
    """
    for groups in age_groups.GROUPINGS.values():
        wanted = goals.goals_of(groups.names)
        if {f"{g.axis}: {g.name}" for g in wanted} == entries[0]["figures"].keys():
            return wanted
    raise DataError("The scores have figures of age groups that are not known here.")


def _rounded(value):
    """Four digits; None where nothing was measured, as JSON knows no NaN."""
    return None if np.isnan(value) else round(value, 4)
