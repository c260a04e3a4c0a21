"""InceptionV3's features: a second measure of quality, besides the judges'."""

import os
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from ipcgan import checkpoints
from ipcgan.data import images

NAME = "InceptionV3 pool, ImageNet"
_BATCH = 32  # faces
_INCEPTION = "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5"
_INCEPTION_SIZE = 299  # pixels


def inception_path() -> Path:
    """Returns where Keras keeps InceptionV3's weights; nothing is downloaded."""
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    return Path(home) / "models" / _INCEPTION


def read_features() -> tuple[str, Callable] | None:
    """Reads InceptionV3 up to its last average pool, which most KIDs are measured in.

    Returns:
        (name, function of ([N, S, S, 3] uint8, label of a progress bar) -> [N, D]);
        None where its weights are not on disk.

    Raises:
        checkpoints.CheckpointError: if the file there is something else.
    """
    if not inception_path().is_file():
        return None
    network = keras.applications.InceptionV3(
        weights=None,
        include_top=False,
        pooling="avg",
        input_shape=(_INCEPTION_SIZE, _INCEPTION_SIZE, 3),
    )
    try:
        network.load_weights(inception_path())
    except (ValueError, OSError, KeyError) as error:
        raise checkpoints.CheckpointError(
            f"{inception_path()}: is not InceptionV3: {error}"
        ) from error
    return NAME, _batched(network)


def _batched(network):
    def features(faces: np.ndarray, name: str) -> np.ndarray:
        rows = [np.zeros((0, network.output_shape[-1]), np.float32)]
        starts = range(0, len(faces), _BATCH)
        for start in tqdm(starts, name, unit="batch", dynamic_ncols=True):
            chosen = faces[start : start + _BATCH]
            # Filled up, so that the network is compiled once.
            filled = np.concatenate([chosen, chosen[-1:].repeat(_BATCH, 0)])[:_BATCH]
            large = np.stack([images.resize(f, _INCEPTION_SIZE) for f in filled])
            answers = network.predict_on_batch(images.to_unit_range(large))
            rows.append(answers[: len(chosen)])
        return np.concatenate(rows)

    return features
