"""Tells a blended generator the age groups of faces, fitted on those trained on."""

import keras
import numpy as np
from tqdm import tqdm

from ipcgan.age_groups import AgeGroups
from ipcgan.data.image_store import ImageStore
from ipcgan.data.records import DataError, by_group

FACES = 400  # of each group; fewer where there are fewer.
_BATCH = 50
_RIDGE = 1e-3  # of the mean variance, added to all: of few faces some are 0.


def fit(
    reader: keras.Model, store: ImageStore, groups: AgeGroups, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Fits how the age group of a face follows from what is read of it.

    By linear discriminant analysis: what is read of a group's faces is taken to be
    normal, with a mean of its own and the covariance of all, and all groups to be as
    frequent.

    Args:
        reader: [N, S, S, 3] in [-1, 1] -> [N, R].
        store: faces of S pixels, with their groups.
        groups: the K groups.
        seed: of the choice of faces, where there are more than are read.

    Returns:
        (kernel [R, K], bias [K]) float32: `read @ kernel + bias` are logits.

    Raises:
        DataError: if a group has no face that can be read.

    Source: Fisher, "The use of multiple measurements in taxonomic problems", 1936.
    """
    random = np.random.default_rng(seed)
    labels, faces = [], []
    for group, positions in enumerate(by_group(store.records, groups)):
        chosen = random.permutation(positions)[:FACES]
        found = [face for face in map(store.face, chosen) if face is not None]
        if not found:
            raise DataError(f"No face of age group {groups.names[group]} can be read.")
        labels += [group] * len(found)
        faces += found
    read = []
    starts = range(0, len(faces), _BATCH)
    for start in tqdm(starts, "ages", unit="batch", dynamic_ncols=True):
        batch = np.stack(faces[start : start + _BATCH]).astype(np.float32)
        read.append(keras.ops.convert_to_numpy(reader(batch / 127.5 - 1.0)))
    return _discriminants(np.concatenate(read).astype(np.float64), np.array(labels))


def _discriminants(read, labels):
    groups = np.unique(labels)
    means = np.stack([read[labels == group].mean(axis=0) for group in groups])
    within = read - means[labels]
    covariance = within.T @ within / len(read)
    ridge = _RIDGE * np.trace(covariance) / len(covariance) + 1e-6
    kernel = np.linalg.solve(covariance + ridge * np.eye(len(covariance)), means.T)
    bias = -0.5 * np.sum(means.T * kernel, axis=0)
    # Only differences matter: small numbers survive float16.
    middle = kernel.mean(axis=1, keepdims=True)
    return (kernel - middle).astype(np.float32), (bias - bias.mean()).astype(np.float32)
