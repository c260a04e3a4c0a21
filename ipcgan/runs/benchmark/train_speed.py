"""Measures the training speed of recipes, and where the time goes."""

import dataclasses
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ipcgan.age_groups import GROUPINGS
from ipcgan.data import synthetic
from ipcgan.runs.benchmark.timing import TimedSteps, machine
from ipcgan.runs.train import recipe_files
from ipcgan.runs.train.begin import begin
from ipcgan.training.precision import is_mixed


def recipes_compared(recipes: Sequence[str], rounds: int) -> list[str]:
    """Trains drawn faces by several recipes in turn, each phase timed by itself.

    Args:
        recipes: as --recipe has them; the first is what the others are compared with.
        rounds: how often each phase of each is timed; the median counts.

    Returns:
        Lines of text: the machine, and of each recipe its faces a second and how long
        each phase takes.

    Raises:
        config.ConfigError: if a recipe cannot be read.
        checkpoints.CheckpointError: if a network that teaches cannot be used.
    """
    lines = [machine()]
    settings = [recipe_files.read(name) for name in recipes]
    stepped = [_timed_steps(one) for one in settings]
    for _ in range(rounds):
        for steps in stepped:
            steps.run()
    rates = [
        one.run.batch_size / steps.seconds()
        for one, steps in zip(settings, stepped, strict=True)
    ]
    for name, one, steps, rate in zip(recipes, settings, stepped, rates, strict=True):
        phases = ", ".join(
            f"{phase.name} {steps.of(phase):.2f} s"
            + (f" every {phase.every} steps" if phase.every > 1 else "")
            for phase in steps.phases
        )
        lines.append(
            f"{name}: {one.family}, {one.sizes['image_size']} pixels, "
            f"{one.run.batch_size} faces a step, "
            f"{'bfloat16' if is_mixed(one.run.mixed_precision) else 'float32'}: "
            f"{rate:.1f} faces/s, {rate / rates[0]:.2f} times the first; {phases}"
        )
    return lines


def _timed_steps(settings):
    """Returns the steps of a run's first stage, with drawn faces."""
    groups = GROUPINGS[settings.data.age_groups]
    with tempfile.TemporaryDirectory() as folder:
        synthetic.write_utkface_folder(
            Path(folder), faces_per_group=20, size=200, groups=groups
        )
        data = dataclasses.replace(settings.data, root_folder=folder)
        parts = begin(dataclasses.replace(settings, data=data))
        batch = parts.batches(0)
    networks = {**parts.networks, "generator_average": parts.average}
    networks |= parts.teachers
    return TimedSteps(parts.stages[0].phases, networks, batch)
