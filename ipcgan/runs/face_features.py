"""Features by which the quality of faces is measured."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from ipcgan import checkpoints, face_networks
from ipcgan.data import images

_BATCH = 32  # faces
_INCEPTION = "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5"
_INCEPTION_SIZE = 299  # pixels


def inception_path() -> Path:
    """Returns where Keras keeps InceptionV3's weights; nothing is downloaded."""
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    return Path(home) / "models" / _INCEPTION


def features_name(alexnet_dir: str) -> str:
    """Returns what the features are called that read_features would compute.

    Raises:
        checkpoints.CheckpointError: if there are neither Inception's nor a face
            AlexNet's weights.
    """
    if inception_path().is_file():
        return "InceptionV3 pool, ImageNet"
    path = Path(alexnet_dir) / "alexnet.weights.h5"
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise checkpoints.CheckpointError(f"{path}: cannot be read: {error}") from error
    return f"face AlexNet {digest[:8]}, mean of conv5"


def read_features(alexnet_dir: str, image_size: int) -> tuple[str, Callable]:
    """Returns the name of the features and a function that computes them.

    InceptionV3's last average pool where its weights are on disk, else the spatial
    mean of conv5 of the face AlexNet. The latter is named with the beginning of its
    weights' SHA-256: distances by other weights cannot be compared.

    Args:
        alexnet_dir: folder of the face AlexNet.
        image_size: of the faces.

    Returns:
        (name, function of ([N, S, S, 3] uint8, label of a progress bar) -> [N, D]).

    Raises:
        checkpoints.CheckpointError: if there is neither.
    """
    name = features_name(alexnet_dir)
    if inception_path().is_file():
        return name, _inception()
    alexnet, _ = face_networks.read(Path(alexnet_dir), image_size=image_size)
    conv5 = keras.layers.GlobalAveragePooling2D()(alexnet.get_layer("conv5").output)
    network = keras.Model(alexnet.input, conv5)
    return name, _batched(network, lambda faces: images.to_unit_range(faces))


def _inception():
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

    def resized(faces):
        return images.to_unit_range(
            np.stack([images.resize(face, _INCEPTION_SIZE) for face in faces])
        )

    return _batched(network, resized)


def _batched(network, prepare):
    def features(faces: np.ndarray, name: str) -> np.ndarray:
        rows = [np.zeros((0, network.output_shape[-1]), np.float32)]
        starts = range(0, len(faces), _BATCH)
        for start in tqdm(starts, name, unit="batch", dynamic_ncols=True):
            chosen = faces[start : start + _BATCH]
            # Filled up, so that the network is compiled once.
            filled = np.concatenate([chosen, chosen[-1:].repeat(_BATCH, 0)])[:_BATCH]
            rows.append(network.predict_on_batch(prepare(filled))[: len(chosen)])
        return np.concatenate(rows)

    return features
