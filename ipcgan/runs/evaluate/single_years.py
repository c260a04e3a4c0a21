"""How old faces are judged that were aged to single years, not to whole groups."""

import dataclasses
import functools
from collections.abc import Sequence

import numpy as np

from ipcgan import config, report
from ipcgan.evaluation import age, intervals, panel
from ipcgan.evaluation.judging import Judges
from ipcgan.inference import mixing
from ipcgan.inference.ager import FaceAger
from ipcgan.runs.evaluate.measure import Examination
from ipcgan.runs.evaluate.people import read_sample


def evaluate_single_years(settings: config.EvaluateConfig) -> str:
    """Ages faces to each of settings.ages, and asks the age judge about them.

    People in whose own picture no face is found are left out.

    Returns:
        Markdown: what was measured, a line per asked year, and how judged age rises.

    Raises:
        DataError: if there are no faces, or none is found in any.
        config.ConfigError: if it is not clear which faces.
        checkpoints.CheckpointError: if the checkpoint cannot be used.
    """
    years = sorted(settings.ages)
    ager = FaceAger.from_checkpoint(
        settings.checkpoint_dir, inversion=settings.inversion
    )
    known = ager.age_groups
    sample = read_sample(settings, ager.image_size, known)
    # Neither real faces nor strangers are compared with: they need not be judged.
    nobody = sample.sources.at(np.zeros(len(sample.sources), bool))
    sample = dataclasses.replace(sample, real=nobody, strangers=nobody)
    usable, _, missing = panel.usable(settings.age_judges, (), settings.hse_dir)
    make_panel = functools.partial(panel.make_panel, usable, (), settings.hse_dir)
    judges = Judges(make_panel)
    examination = Examination(sample, judges)

    people = examination.sources.pixels
    targets = [mixing.year_target(year, known) for year in years]
    groups = mixing.groups_of(targets)
    aged = ager(people, groups, source_groups=examination.sources.groups)
    aged = mixing.mix(aged, groups, targets)  # [N, T, S, S, 3]
    opinions = judges.look(aged.reshape(-1, *aged.shape[2:]), "judging aged faces")

    left_out = [*sample.unreadable, *missing]
    notes = [*examination.notes, *(f"Left out: {why}" for why in left_out)]
    parts = [
        f"{len(people)} people of {_where(settings)}, aged by "
        f"{settings.checkpoint_dir}; 95 % bootstrap intervals over people."
    ]
    for judge, ages in opinions.ages.items():
        judged = ages.reshape(aged.shape[:2])
        source = intervals.text(intervals.mean_interval(examination.own.ages[judge]))
        parts += [
            f"{judge} judges the sources {source} years old.",
            table(years, judged),
            rise(years, judged),
        ]
    parts.append("\n".join(f"- {note}" for note in notes))
    return "\n\n".join(part for part in parts if part)


def _where(settings):
    if not settings.root_folder:
        return settings.source_dir
    return f"the {settings.split} split (seed {settings.seed})"


def table(years: Sequence[int], judged: np.ndarray) -> str:
    """Returns a Markdown table, a line per asked year.

    Args:
        years: T asked ages, rising.
        judged: [N, T] judged ages; NaN where no face was found.
    """
    rows = []
    for year, ages in zip(years, judged.T, strict=True):
        off = intervals.mean_interval(ages - year)
        rows.append(
            [
                str(year),
                intervals.text(intervals.mean_interval(ages)),
                intervals.text(off),
                f"{100 * np.isnan(ages).mean():.1f}",
            ]
        )
    header = ["asked", "judged age, years", "minus asked", "no face, %"]
    return report.markdown_table(header, rows)


def rise(years: Sequence[int], judged: np.ndarray) -> str:
    """Returns a sentence: for whom judged age rises, and the rank correlation.

    Args:
        years: T asked ages, rising, at least two for a sentence.
        judged: [N, T] judged ages; NaN where no face was found.
    """
    if len(years) < 2:
        return ""
    total = judged[:, -1] - judged[:, 0]
    rises = np.where(np.isnan(total), np.nan, total > 0)

    def text(values, scale=1.0, digits=1):
        return intervals.text(intervals.mean_interval(values), scale, digits)

    return (
        f"Judged age rises from {years[0]} to {years[-1]} for {text(rises, 100)} % of "
        f"people, by {text(total)} years in the mean; it never steps back in between "
        f"for {text(age.never_steps_back(judged), 100)} %. Rank correlation "
        f"(Spearman, person by person) of asked and judged age "
        f"{text(age.rank_correlation(judged), digits=2)}."
    )
