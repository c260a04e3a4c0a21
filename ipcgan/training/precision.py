"""The number format of networks that are about to be built."""

import functools
import time
from contextlib import contextmanager

import keras
from keras import ops

_LEAST_GAIN = 1.3  # times as fast: less may be noise, and is not worth the digits.


def is_mixed(mixed_precision: bool | None) -> bool:
    """Returns whether networks multiply in bfloat16; None: where it is faster here."""
    return bfloat16_is_faster() if mixed_precision is None else mixed_precision


@contextmanager
def dtype_policy(mixed_precision: bool | None):
    """Within it networks are built for bfloat16 products, or for float32.

    Args:
        mixed_precision: see `is_mixed`.
    """
    before = keras.config.dtype_policy()
    mixed = is_mixed(mixed_precision)
    keras.config.set_dtype_policy("mixed_bfloat16" if mixed else "float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


@functools.cache
def bfloat16_is_faster() -> bool:
    """Returns what `measure` found when it was asked first."""
    return measure()


def measure() -> bool:
    """Times a convolution on this machine: is it plainly faster in bfloat16?

    Processors say what they have, and not how fast it is: without AVX-512 BF16 or AMX
    bfloat16 is emulated, and a step takes up to three times as long.
    """
    return _seconds("float32") > _LEAST_GAIN * _seconds("bfloat16")


def _seconds(dtype):
    """Returns the time of a convolution like a generator's, the best of three."""
    maps = ops.ones((4, 64, 64, 64), dtype)
    kernel = ops.ones((3, 3, 64, 64), dtype)
    seconds = []
    for _ in range(4):
        start = time.perf_counter()
        made = ops.conv(maps, kernel, padding="same")
        # A number is taken out, for a device works on after the call returned.
        float(ops.cast(ops.sum(made), "float32"))
        seconds.append(time.perf_counter() - start)
    return min(seconds[1:])  # The first prepares.
