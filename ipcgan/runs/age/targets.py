"""Reads the target ages from the settings."""

from collections.abc import Sequence

from ipcgan import age_groups, config
from ipcgan.data.records import DataError
from ipcgan.inference import mixing


def read_targets(
    settings: config.AgeConfig, group_names: Sequence[str]
) -> list[mixing.Target]:
    """Returns the targets that the settings name, each once.

    Args:
        settings: with years, or groups by name or number; neither: the usual groups.
        group_names: of the checkpoint.

    Raises:
        DataError: if the checkpoint cannot age to them.
    """
    known = age_groups.with_names(group_names)
    if settings.ages:
        if known is None:
            raise DataError(
                f"--ages: {settings.checkpoint_dir} has groups of its own "
                f"({', '.join(group_names)}); use --groups."
            )
        return [mixing.year_target(years, known) for years in settings.ages]
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
    return [
        mixing.group_target(int(group), group_names) for group in dict.fromkeys(numbers)
    ]
