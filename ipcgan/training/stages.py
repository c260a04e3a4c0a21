"""Finds the stage and the term weights of a training step."""

from collections.abc import Sequence

import keras

from ipcgan.training.phase import Stage


def optimizers_of(
    stages: Sequence[Stage],
) -> dict[str, keras.optimizers.Optimizer]:
    """Returns every optimizer once, by the name of the first phase that has it."""
    names: dict[int, tuple[str, keras.optimizers.Optimizer]] = {}
    for stage in stages:
        for phase in stage.phases:
            names.setdefault(id(phase.optimizer), (phase.name, phase.optimizer))
    return dict(names.values())


def stage_at(stages: Sequence[Stage], step: int) -> Stage:
    """Returns the stage of a step, counted from 1."""
    end = 0
    for stage in stages:
        end += stage.steps
        if step <= end:
            break
    return stage


def weights_at(stages: Sequence[Stage], step: int) -> dict[str, float]:
    """Returns {phase/term: weight} of a step, counted from 1."""
    return {
        f"{phase.name}/{name}": weight
        for phase in stage_at(stages, step).phases
        for name, weight in phase.weights.items()
    }


def lengths_of(stages: Sequence[Stage]) -> list[list]:
    """Returns [name, steps] of all stages that have phases of their own."""
    result: list[list] = []
    before: list[str] | None = None
    for stage in stages:
        phases = [phase.name for phase in stage.phases]
        if phases == before:
            result[-1][1] += stage.steps
        else:
            result.append([stage.name, stage.steps])
        before = phases
    return result
