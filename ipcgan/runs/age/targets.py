"""Target ages: those that settings name, and those that a Python caller asks for."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from ipcgan import age_groups, config
from ipcgan.data.records import DataError
from ipcgan.inference.mixing import (
    OLDEST,
    YOUNGEST,
    Difference,
    Target,
    YearScale,
    group_target,
)

DIFFERENCE = re.compile(r"[+-][0-9]{1,2}")  # from a face's own age, in years.


def read_targets(
    settings: config.AgeConfig, group_names: Sequence[str], scale: YearScale | None
) -> list[Target | Difference]:
    """Returns the targets that the settings name, each once.

    Args:
        settings: with years, differences from the faces' own ages, or groups by name
            or number; neither: the usual groups.
        group_names: of the checkpoint.
        scale: which years its groups show; None: that is not known.

    Raises:
        DataError: if the checkpoint cannot age to them.
    """
    if settings.ages:
        if scale is None:
            raise DataError(
                f"--ages: {settings.checkpoint_dir} has groups of its own "
                f"({', '.join(group_names)}); use --groups."
            )
        return [_year_target(age, scale, settings) for age in settings.ages]
    known = age_groups.with_names(group_names)
    groups = settings.groups or (
        known.targets if known else tuple(range(1, len(group_names)))
    )
    numbers = [
        group_names.index(group) if group in group_names else group for group in groups
    ]
    bad = [g for g in numbers if g not in range(len(group_names))]
    if bad:
        raise DataError(
            f"--groups={bad[0]}: {settings.checkpoint_dir} ages to groups 0 to "
            f"{len(group_names) - 1}: {', '.join(group_names)}."
        )
    return [group_target(int(group), group_names) for group in dict.fromkeys(numbers)]


def needs_own_ages(settings: config.AgeConfig) -> bool:
    """Whether the faces' own ages must be predicted."""
    differs = any(isinstance(age, str) for age in settings.ages)
    return differs and settings.source_age is None


def _year_target(age, scale, settings):
    """The target of a year, or of a difference such as "+20"."""
    differs = isinstance(age, str)
    years = (settings.source_age if differs else 0, int(age))
    if years[0] is not None and not scale.youngest <= sum(years) <= OLDEST:
        of = f" of --source_age={settings.source_age}" if differs else ""
        raise DataError(
            f"--ages={age}{of}: {settings.checkpoint_dir} ages to {scale.youngest} to "
            f"{OLDEST} years."
        )
    return Difference(int(age), scale) if differs else scale.target(age)


def as_ages(values: Any) -> tuple[int | str, ...]:
    """Checks ages that are asked for in Python; returns AgeConfig.ages.

    Args:
        values: years, or differences such as "+20"; None: none.

    Raises:
        TypeError: if they are something else.
        config.ConfigError: if there is none, or years and differences.
    """
    expected = "years such as (30, 70), or differences such as ('+20', '-10')"
    ages = _sequence("ages", values, expected)
    bad = [a for a in ages if not _is_whole(a) and not _is_difference(a)]
    if bad:
        raise TypeError(f"ages must be {expected}, got {bad[0]!r}.")
    ages = [age if isinstance(age, str) else int(age) for age in ages]
    if len({type(age) for age in ages}) > 1:
        raise config.ConfigError(f"ages must be either {expected}, got {values!r}.")
    return tuple(dict.fromkeys(ages))


def as_groups(values: Any) -> tuple[int | str, ...]:
    """Checks groups that are asked for in Python; returns AgeConfig.groups.

    Args:
        values: numbers or names; None: none.

    Raises:
        TypeError: if they are something else.
        config.ConfigError: if there is none.
    """
    expected = "numbers or names such as (1, '51+')"
    groups = _sequence("groups", values, expected)
    bad = [g for g in groups if not _is_whole(g) and not isinstance(g, str)]
    if bad:
        raise TypeError(f"groups must be {expected}, got {bad[0]!r}.")
    return tuple(g if isinstance(g, str) else int(g) for g in groups)


def as_years(value: Any) -> int:
    """Checks a source age that is given in Python.

    Raises:
        TypeError: if it is no whole number.
        config.ConfigError: if it is not from YOUNGEST to OLDEST.
    """
    if not _is_whole(value):
        raise TypeError(f"source_age must be whole years, got {value!r}.")
    if not YOUNGEST <= value <= OLDEST:
        raise config.ConfigError(
            f"source_age must be from {YOUNGEST} to {OLDEST}: {value!r}."
        )
    return int(value)


def _sequence(name, values, expected):
    if values is None:
        return ()
    if isinstance(values, str) or not isinstance(values, (Sequence, np.ndarray)):
        raise TypeError(f"{name} must be {expected}, got {values!r}.")
    if not len(values):
        raise config.ConfigError(f"{name} must be {expected}, got none.")
    return tuple(values)


def _is_whole(value):
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _is_difference(value):
    return isinstance(value, str) and bool(DIFFERENCE.fullmatch(value))
