"""Measures a training step beside the same step in PyTorch."""

import dataclasses
import time

import keras
import numpy as np
import torch

from ipcgan.models.alexnet import AlexNetSizes, build_alexnet
from ipcgan.runs.benchmark import torch_port
from ipcgan.runs.benchmark.timing import TimedSteps, begun_with_drawn_faces, machine
from ipcgan.runs.train import recipe_files

_HEADS = (160, 4096)  # units of fc6 and fc7: of the shipped AlexNet, of the authors'.


def steps_compared(batch_size: int, rounds: int) -> list[str]:
    """Times steps of `published`, here and in PyTorch, in turn, with the same weights.

    Args:
        batch_size: faces a step.
        rounds: how often each is timed; the median counts.

    Returns:
        Lines of text: the machine, and for each size of the AlexNet's heads the seconds
        of a step, and how far apart the losses of the first one are.
    """
    settings = recipe_files.read("published")
    run = dataclasses.replace(
        settings.run, batch_size=batch_size, mixed_precision=False
    )
    settings = dataclasses.replace(settings, run=run)
    lines = [f"{machine()}; {keras.backend.backend()}, PyTorch {torch.__version__}"]
    return lines + [_compared(settings, units, rounds) for units in _HEADS]


def _compared(settings, units, rounds):
    parts, batch = begun_with_drawn_faces(settings)
    sizes = AlexNetSizes(
        num_groups=len(parts.groups),
        fully_connected=units,
        num_people=0,
        pixel_scale=1 / 64,  # As its weights are drawn, inputs must be near 1.
    )
    whole = build_alexnet(sizes)
    read = {name: whole.output[name] for name in ("conv5", "age_logits")}
    alexnet = keras.Model(whole.input, read)
    alexnet.trainable = False
    networks = {**parts.networks, "alexnet": alexnet}
    (stage,) = parts.stages
    ports = {
        name: torch_port.Step(networks, parts.sizes, parts.recipe, batch, last)
        for name, last in (("PyTorch", False), ("PyTorch, channels last", True))
    }
    own = TimedSteps(stage.phases, networks, batch)
    first = np.asarray(
        [
            sum(
                phase.weights[name] * own.terms[phase.name][name]
                for name in phase.weights
            )
            for phase in stage.phases
        ]
    )
    apart = max(
        float(np.max(np.abs(np.subtract(port.run(), first)) / first))
        for port in ports.values()
    )
    seconds: dict[str, list[float]] = {name: [] for name in ports}
    for _ in range(rounds):
        own.run()
        for name, port in ports.items():
            start = time.perf_counter()
            port.run()
            seconds[name].append(time.perf_counter() - start)
    ours = own.seconds()
    told = (
        f"{name} {np.median(each):.2f} s ({np.median(each) / ours:.2f} times)"
        for name, each in seconds.items()
    )
    return (
        f"published, {settings.sizes['image_size']} pixels, "
        f"{settings.run.batch_size} faces a step, AlexNet with heads of {units} units: "
        f"a step takes {ours:.2f} s; {', '.join(told)}; "
        f"losses of the first step within {apart:.0e}"
    )
