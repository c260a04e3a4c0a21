"""The number format of networks that are about to be built."""

from contextlib import contextmanager

import keras


@contextmanager
def dtype_policy(mixed_precision: bool):
    """Within it networks are built for bfloat16 products, or for float32."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16" if mixed_precision else "float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
