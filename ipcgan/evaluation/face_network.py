"""Evaluates a pretrained face network: accuracy of ages, verification of people."""

from collections.abc import Sequence

import keras
import numpy as np
from absl import logging
from tqdm import tqdm

from ipcgan import config, face_networks
from ipcgan.age_groups import CACD
from ipcgan.data import augmentation, images
from ipcgan.data.records import GENDERS, Record
from ipcgan.evaluation import teacher
from ipcgan.models import alexnet as alexnet_models

PAIRS = 256  # faces by which people are told apart.


def evaluate(network: keras.Model, records: Sequence[Record], image_size: int) -> dict:
    """Evaluates a network on faces, and sets its stored feature scales.

    Args:
        network: of face_networks.
        records: faces of known age groups.
        image_size: side that they are resized to, in pixels.

    Returns:
        What evaluation.teacher says of the age head, and of verification: each face
        against the same picture in other colours, light, sharpness and framing.
    """
    faces, measured = [], []
    for record in records:
        try:
            face = images.read_image(record.path)
        except images.ImageError as error:
            logging.warning("Not measured: %s", error)
            continue
        faces.append(images.resize(face, image_size))
        measured.append(record)
    random = np.random.default_rng(0)
    order = random.permutation(len(faces))
    faces, measured = [faces[i] for i in order], [measured[i] for i in order]
    outputs = _outputs(network, faces)
    if network.name == "alexnet":
        _set_feature_scales(network, outputs)

    groups = np.array([record.group for record in measured])
    result = teacher.age_head(outputs["age_logits"], groups)
    if "age_years" in outputs:
        ages = np.array([record.age for record in measured])
        result[face_networks.YEARS], result["years_error"] = teacher.years(
            outputs["age_years"], ages, groups, len(CACD.names)
        )
    if "gender_logits" in outputs:
        genders = [GENDERS.index(record.gender) for record in measured]
        right = outputs["gender_logits"].argmax(axis=1) == np.array(genders)
        result["gender_exact"] = float(right.mean())
    changed = [augmentation.age_preserving(face, random) for face in faces[:PAIRS]]
    changed = _outputs(network, changed)
    layer = "descriptor" if "descriptor" in outputs else "fc7"
    for name in (layer, "conv5"):
        if name not in outputs:
            continue
        features = [x[name].reshape(len(x[name]), -1) for x in (outputs, changed)]
        count = min(len(x) for x in features)
        pair = (x[:count].astype(np.float32) for x in features)
        result[f"verification_by_{name}"] = teacher.verification(*pair)
    return result


def _outputs(network, faces):
    """Returns what is measured of all faces, features (which are large) of PAIRS."""
    parts = {}
    for start in tqdm(range(0, len(faces), 64), desc="measuring", unit="batch"):
        batch = images.to_unit_range(np.stack(faces[start : start + 64]))
        for name, value in network.predict_on_batch(batch).items():
            if name not in config.FEATURE_LAYERS or start < PAIRS:
                parts.setdefault(name, []).append(value)
    return {name: np.concatenate(arrays) for name, arrays in parts.items()}


# The identity term that two random people shall have, as large as the age term of a
# generator that does nothing: 30 * ln 5. With the published weight, 0.5e-4, that is
# a squared feature distance of 966,000.
STRANGERS_TERM = 30.0 * np.log(5.0)
PUBLISHED_FEATURE_WEIGHT = 0.5e-4


def _set_feature_scales(alexnet, outputs):
    wanted = STRANGERS_TERM / PUBLISHED_FEATURE_WEIGHT
    for name, scale in alexnet_models.feature_scales(alexnet).items():
        features = outputs[name]
        half = len(features) // 2
        between = np.square(features[:half] - features[half : 2 * half])
        distance = between.reshape(half, -1).sum(axis=1).mean()
        if not distance > 0:
            logging.warning("%s tells no faces apart; its scale is unchanged.", name)
            continue
        scale.assign(float(scale.numpy()) * float(np.sqrt(wanted / distance)))
