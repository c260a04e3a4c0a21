"""Directions of a latent space in which gender changes, and age does not.

Where only a face's age group is exchanged, its gender often changes as well. One
direction for each age group, fitted to faces that the generator draws, moves it back.

Source: Shen, Gu, Tang, Zhou, "Interpreting the Latent Space of GANs for Semantic Face
Editing", CVPR 2020: linear directions, one made orthogonal to another. They separate
classes; here a line is fitted to what a face network reads.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from ipcgan import atomic, checkpoints

FILE = "gender_directions.npz"  # in a checkpoint's folder.
_NAME = "gender"  # of the array in it.
# Of what is read, on a logit's scale: as sure as 88 % are sure enough.
SURE = 2.0
_ROUNDS = 3  # of moving and reading again: what is read is no straight line.
_SHARE = 0.7  # of what is lacking that a round makes good.


def slopes(latents: np.ndarray, readings: np.ndarray) -> np.ndarray:
    """Fits a line to what is read of faces that were drawn.

    Args:
        latents: [N, Z], of which they were drawn.
        readings: [N].

    Returns:
        [Z], by how much the reading changes with each number.
    """
    centred = latents - latents.mean(axis=0)
    # A weak penalty: with few faces the fit is not exact.
    penalty = 10.0 * np.eye(latents.shape[1])
    return np.linalg.solve(
        centred.T @ centred + penalty, centred.T @ (readings - readings.mean())
    )


def direction(gender: np.ndarray, age: np.ndarray) -> np.ndarray:
    """Returns the step that adds 1 to the gender that is read, and 0 to the age.

    Args:
        gender: [Z], its slopes.
        age: [Z], those of age, which must not be the same but for a factor.
    """
    across = gender - (gender @ age) / (age @ age) * age
    return across / (across @ across)


def write(folder: Path, directions: np.ndarray) -> None:
    """Writes [K, Z], the direction of each age group, into a checkpoint's folder."""
    path = folder / FILE
    with checkpoints.summed_anew(path), atomic.replacing(path) as partial:
        checkpoints.write_arrays(partial, {_NAME: directions.astype(np.float32)})


def read(folder: Path, num_groups: int, latent_size: int) -> np.ndarray | None:
    """Reads [num_groups, latent_size]; None where the folder has no directions.

    Raises:
        checkpoints.CheckpointError: if the file is broken, or of another network.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    shapes = {_NAME: (num_groups, latent_size)}
    return checkpoints.read_arrays(path, shapes)[_NAME].astype(np.float32)


def moved(
    codes: np.ndarray,
    step: np.ndarray,
    wanted: np.ndarray,
    reading: Callable[[np.ndarray], np.ndarray],
    bound: float,
) -> np.ndarray:
    """Moves codes until the faces made of them have the gender that is wanted.

    A face that is as sure of its gender as wanted, or surer, stays as it is.

    Args:
        codes: [N, Z + M], latent vectors and what else belongs to them.
        step: [Z], the direction of the age group that the faces are made of.
        wanted: [N], logits; beyond SURE they count as that.
        reading: [n, Z + M] codes -> [n], logits read of the faces made of them.
        bound: the largest number of a latent vector; larger ones stay.

    Returns:
        [N, Z + M], of which only the first Z numbers are changed.
    """
    codes, size = codes.copy(), len(step)
    wanted = np.clip(wanted, -SURE, SURE)
    limits = np.maximum(np.abs(codes[:, :size]), bound)
    left = np.arange(len(codes))
    for _ in range(_ROUNDS):
        missing = wanted[left] - reading(codes[left])
        lacks = missing * np.sign(wanted[left]) > 0.0
        left, missing = left[lacks], missing[lacks]
        if not len(left):
            break
        found = codes[left, :size] + _SHARE * missing[:, None] * step
        codes[left, :size] = np.clip(found, -limits[left], limits[left])
    return codes
