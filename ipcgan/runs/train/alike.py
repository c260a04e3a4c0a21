"""Checks that all processes of a training run were started alike."""

import dataclasses
import json
import sys

import keras
import numpy as np

import ipcgan
from ipcgan.config import ConfigError, TrainConfig
from ipcgan.runs.train import recipe_files
from ipcgan.runs.train.continuation import flat
from ipcgan.training.devices import Devices
from ipcgan.training.precision import is_mixed

_OF_MACHINE = ("data.root_folder", "data.source_file", "data.memory_gigabytes")


def described(settings: TrainConfig) -> dict:
    """Returns the versions and settings that must be the same everywhere."""
    backend = keras.backend.backend()
    values = flat(
        {
            **recipe_files.describe(settings),
            "data": dataclasses.asdict(settings.data),
            "stage": settings.run.stage,
        }
    )
    modules = (ipcgan, keras, np, sys.modules[backend])
    return {
        **{f"version of {each.__name__}": each.__version__ for each in modules},
        **{name: value for name, value in values.items() if name not in _OF_MACHINE},
        "run.mixed_precision": is_mixed(settings.run.mixed_precision),
    }


def check(devices: Devices, values: dict) -> None:
    """Compares what the processes say; all must call it.

    Raises:
        ConfigError: naming a rank and a value that is not that of rank 0.
    """
    if devices.processes == 1:
        return
    first, *others = map(json.loads, devices.texts(json.dumps(values)))
    for rank, other in enumerate(others, start=1):
        for name in first.keys() | other.keys():
            if first.get(name) != other.get(name):
                raise ConfigError(
                    f"rank {rank} has {name} {other.get(name)}, rank 0 has "
                    f"{first.get(name)}; expected the same on all hosts."
                )
