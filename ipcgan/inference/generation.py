"""Batches through a generator.

The generator is anything with Keras' predict_on_batch([codes, groups]), a code being
what it makes a face of: a keras.Model, or an exported network (see engines), for which
no Keras is imported.
"""

from collections.abc import Callable, Sequence

import numpy as np

from ipcgan.data import images


def age_faces(
    generator, faces: np.ndarray, groups: Sequence[int], batch_size: int = 32
) -> np.ndarray:
    """Ages faces of the network's own size, by moving statistics.

    Args:
        generator: inputs [N, S, S, 3] in [-1, 1] and group [N].
        faces: [N, S, S, 3] uint8 RGB.
        groups: group numbers.
        batch_size: as for generate.

    Returns:
        [N, len(groups), S, S, 3] uint8 RGB.
    """
    if not len(faces):
        return np.zeros((0, len(groups), *faces.shape[1:]), np.uint8)
    return generate(generator, faces, groups, batch_size, images.to_unit_range)


def generate(
    generator,
    codes: np.ndarray,
    groups: Sequence[int],
    batch_size: int = 32,
    to_input: Callable | None = None,
) -> np.ndarray:
    """Makes a face of every code at every group.

    Args:
        generator: inputs [N, ...], what it makes faces of, and group [N].
        codes: [N, ...], N at least 1.
        groups: group numbers.
        batch_size: images that go through the network together; the last batch is
            filled up to a power of two, so that Keras compiles few sizes.
        to_input: some codes -> the network's input; None: they are that.

    Returns:
        [N, len(groups), S, S, 3] uint8 RGB.
    """
    pairs = [(code, group) for code in range(len(codes)) for group in groups]
    parts = []
    for start in range(0, len(pairs), batch_size):
        chosen = pairs[start : start + batch_size]
        filled = filled_up(np.array(chosen), batch_size)
        code = codes[filled[:, 0]]
        result = generator.predict_on_batch(
            [to_input(code) if to_input else code, filled[:, 1].astype(np.int32)]
        )
        parts.append(images.to_uint8(result[: len(chosen)]))
    made = np.concatenate(parts)
    return made.reshape(len(codes), len(groups), *made.shape[1:])


def filled_up(rows: np.ndarray, batch_size: int) -> np.ndarray:
    """Repeats the last of [N, ...] rows up to a power of two, or to the batch size."""
    full = min(batch_size, 1 << (len(rows) - 1).bit_length())
    return np.concatenate([rows, rows[-1:].repeat(full - len(rows), axis=0)])


def latents_of_seeds(seeds: Sequence[int], size: int, spread: float) -> np.ndarray:
    """Draws a latent vector of each seed from a normal distribution.

    Args:
        seeds: of NumPy's default generator.
        size: of a vector.
        spread: standard deviation; below 1 faces are more alike, and cleaner.

    Returns:
        [len(seeds), size] float32.
    """
    drawn = [np.random.default_rng(s).standard_normal(size, np.float32) for s in seeds]
    return np.float32(spread) * np.stack(drawn)
