"""Counts a network's parameters before it takes any memory."""

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import keras

from ipcgan.config import ConfigError

MAX_PARAMETERS = 200_000_000  # 800 MB; the largest published network has 113 million.


def count(build: Callable, sizes: Any) -> int:
    """Returns how many parameters a network would have.

    Args:
        build: sizes -> keras.Model.
        sizes: of the network.
    """

    def counted():
        # In this scope variables have shapes, and no values.
        with keras.StatelessScope(initialize_variables=False):
            return build(sizes).count_params()

    # Keras notes, for each thread, what is still to be given values, and does so when
    # the next network is built: here that is no one.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(counted).result()


def check(build: Callable, sizes: Any) -> None:
    """Refuses sizes that would take too much memory: files may ask for any.

    Args:
        build: sizes -> keras.Model.
        sizes: of a dataclass whose defaults are not too large; nothing is counted
            where none is above its default, for that takes a second.

    Raises:
        ConfigError: if the network would have more than MAX_PARAMETERS.
    """
    numbers = [f for f in dataclasses.fields(sizes) if type(f.default) is int]
    if all(getattr(sizes, field.name) <= field.default for field in numbers):
        return
    found = count(build, sizes)
    if found > MAX_PARAMETERS:
        raise ConfigError(
            f"sizes: the network would have {found:,} parameters, more than the "
            f"{MAX_PARAMETERS:,} that are built."
        )
