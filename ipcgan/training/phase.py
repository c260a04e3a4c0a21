"""A phase is one optimizer update, a stage a run of equal steps; no backend."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import keras

Networks = Mapping[str, keras.Model]
Objective = Callable[[Networks, Any], dict[str, Any]]


@dataclasses.dataclass(frozen=True)
class Phase:
    """One optimizer update within a training step.

    Attributes:
        name: prefix of the phase's log entries, such as "generator".
        trained: names of the networks whose weights this phase updates.
        objective: returns the unweighted loss terms, each a scalar, and what it
            `makes`; a pure function of (networks, batch), so that both backends can
            trace it.
        weights: the factor of every term; its keys are the term names.
        optimizer: owns the state of this phase's update only, or of phases of one
            network.
        makes: names of what the objective returns besides its terms: fields of the
            batch, for the later phases of the step, so that nothing is computed twice.
        every: the phase is of one step in so many, the first of them included.
    """

    name: str
    trained: tuple[str, ...]
    objective: Objective
    weights: Mapping[str, float]
    optimizer: keras.optimizers.Optimizer
    makes: tuple[str, ...] = ()
    every: int = 1

    def parts(self, result):
        """Returns (terms, {name: what was made}) of what the objective returned."""
        made = {name: result[name] for name in self.makes}
        return {n: v for n, v in result.items() if n not in made}, made

    def total(self, terms):
        """Returns the weighted sum of the terms.

        Raises:
            ValueError: if terms and weights do not have the same names.
        """
        if terms.keys() != self.weights.keys():
            raise ValueError(
                f"Phase {self.name} has weights for {sorted(self.weights)} "
                f"but its objective returned {sorted(terms)}."
            )
        return sum(self.weights[name] * value for name, value in terms.items())


@dataclasses.dataclass(frozen=True)
class Stage:
    """A run of steps that all do the same phases, in order.

    Attributes:
        name: such as "adversarial" or "encoder".
        steps: how many; the stages of a training run follow each other.
        phases: the updates of each step.
    """

    name: str
    steps: int
    phases: tuple[Phase, ...]
