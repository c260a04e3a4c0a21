"""Measures the training speed of recipes, and where the time goes."""

from collections.abc import Sequence

from ipcgan.runs.benchmark.timing import TimedSteps, begun_with_drawn_faces, machine
from ipcgan.runs.train import recipe_files
from ipcgan.training.precision import is_mixed


def recipes_compared(recipes: Sequence[str], rounds: int) -> list[str]:
    """Trains drawn faces by several recipes in turn, each phase timed by itself.

    Args:
        recipes: as --recipe has them; the first is what the others are compared with.
        rounds: how often each phase of each is timed; the median counts.

    Returns:
        Lines of text: the machine, and of each recipe its faces a second, over all of
        its steps, and how long each phase of each stage takes.

    Raises:
        config.ConfigError: if a recipe cannot be read.
        checkpoints.CheckpointError: if a network that teaches cannot be used.
    """
    lines = [machine()]
    settings = [recipe_files.read(name) for name in recipes]
    timed = [_timed_stages(one) for one in settings]
    for _ in range(rounds):
        for stages in timed:
            for _, steps in stages:
                steps.run()
    rates = [
        one.run.batch_size / _seconds(stages)
        for one, stages in zip(settings, timed, strict=True)
    ]
    for name, one, stages, rate in zip(recipes, settings, timed, rates, strict=True):
        lines.append(
            f"{name}: {one.family}, {one.sizes['image_size']} pixels, "
            f"{one.run.batch_size} faces a step, "
            f"{'bfloat16' if is_mixed(one.run.mixed_precision) else 'float32'}: "
            f"{rate:.1f} faces/s, {rate / rates[0]:.2f} times the first; "
            + "; ".join(_told(stage, steps) for stage, steps in stages)
        )
    return lines


def _seconds(stages):
    """Returns how long a step takes, in the mean over all steps of all stages."""
    total = sum(stage.steps * steps.seconds() for stage, steps in stages)
    return total / sum(stage.steps for stage, _ in stages)


def _told(stage, steps):
    phases = ", ".join(
        f"{phase.name} {steps.of(phase):.2f} s"
        + (f" every {phase.every} steps" if phase.every > 1 else "")
        for phase in steps.phases
    )
    return f"{stage.steps} steps {stage.name}: {phases}"


def _timed_stages(settings):
    """Returns (stage, its steps with drawn faces) of each stage of a run."""
    parts, batch = begun_with_drawn_faces(settings)
    networks = {**parts.networks, "generator_average": parts.average}
    networks |= parts.teachers
    return [
        (stage, TimedSteps(stage.phases, networks, batch)) for stage in parts.stages
    ]
