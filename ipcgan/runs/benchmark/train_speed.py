"""How many faces a second recipes train, and where the time goes."""

import dataclasses
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ipcgan.age_groups import GROUPINGS
from ipcgan.data import synthetic
from ipcgan.runs.benchmark.data_speed import machine
from ipcgan.runs.train import recipe_files
from ipcgan.runs.train.train import begin
from ipcgan.training.step import make_update


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
    stepped = [_Steps(one) for one in settings]
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
            f"{'bfloat16' if one.run.mixed_precision else 'float32'}: "
            f"{rate:.1f} faces/s, {rate / rates[0]:.2f} times the first; {phases}"
        )
    return lines


class _Steps:
    """Steps of a training's first stage, with the same faces in each."""

    def __init__(self, settings):
        groups = GROUPINGS[settings.data.age_groups]
        with tempfile.TemporaryDirectory() as folder:
            synthetic.write_utkface_folder(
                Path(folder), faces_per_group=20, size=200, groups=groups
            )
            data = dataclasses.replace(settings.data, root_folder=folder)
            parts = begin(dataclasses.replace(settings, data=data))
            self._batch = parts.batches(0)
        self.phases = parts.stages[0].phases
        networks = {**parts.networks, "generator_average": parts.average}
        networks |= parts.teachers
        self._updates = [make_update(phase, networks) for phase in self.phases]
        self._seconds = {phase.name: [] for phase in self.phases}
        self.run()
        for seconds in self._seconds.values():
            seconds.clear()  # They were of compiling.

    def run(self):
        """Does every phase once, and notes how long each takes."""
        batch = self._batch
        for phase, update in zip(self.phases, self._updates, strict=True):
            start = time.perf_counter()
            terms, made = update(batch)
            for value in terms.values():
                float(value)
            self._seconds[phase.name].append(time.perf_counter() - start)
            batch = batch._replace(**made)

    def of(self, phase):
        """Returns how long a phase takes, in seconds."""
        return float(np.median(self._seconds[phase.name]))

    def seconds(self):
        """Returns how long a step takes on average."""
        return sum(self.of(phase) / phase.every for phase in self.phases)
