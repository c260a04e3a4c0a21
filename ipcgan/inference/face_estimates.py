"""Age groups and descriptors of faces whose latent vectors are searched."""

import functools
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
from scipy import special

from ipcgan import checkpoints, config, face_networks
from ipcgan.age_groups import CACD, AgeGroups
from ipcgan.data import images
from ipcgan.inference import generation


class FaceNetworks:
    """The face networks that a search uses, each read on first use.

    Args:
        settings: which they are.
        image_size: side of the faces, in pixels.
        batch_size: faces that go through a network together.
    """

    def __init__(
        self, settings: config.InversionConfig, image_size: int, batch_size: int
    ):
        self._settings = settings
        self._image_size = image_size
        self._batch_size = batch_size

    @functools.cached_property
    def recogniser(self) -> keras.Model:
        """The network whose descriptors identify a person."""
        if self._settings.identity_descriptor == "dlib":
            return face_networks.read_dlib(self._image_size)
        return self._read("descriptor")

    def descriptors(self, image: np.ndarray) -> np.ndarray:
        """Returns [N, D] of [N, S, S, 3] faces in [-1, 1], N at most a batch."""
        return self._predict(self.recogniser, image)["descriptor"]

    def groups(self, faces: np.ndarray, groups: AgeGroups) -> np.ndarray:
        """Returns the age groups that the face AlexNet predicts.

        Args:
            faces: [N, S, S, 3] uint8 RGB.
            groups: to sort them into.

        Returns:
            [N] int.

        Raises:
            checkpoints.CheckpointError: if the network is missing or unsuitable.
        """
        found = []
        for start in range(0, len(faces), self._batch_size):
            some = images.to_unit_range(faces[start : start + self._batch_size])
            logits = self._predict(self._alexnet, some)["age_logits"]
            found.append(expected_groups(logits, groups))
        return np.concatenate(found)

    def genders(self, image: np.ndarray) -> np.ndarray:
        """Returns [N] logits, above 0 for women, of [N, S, S, 3] faces in [-1, 1]."""
        return gender_of(self._predict(self._gender_reader, image))

    @functools.cached_property
    def _alexnet(self):
        """The face network that predicts ages."""
        return self._read("age_logits")

    @functools.cached_property
    def _gender_reader(self):
        path = self._settings.gender_pretrained_model
        return read_gender_reader(path, self._image_size)

    def _read(self, needed):
        path = self._settings.alexnet_pretrained_model
        network, _ = face_networks.read(
            Path(path), image_size=self._image_size, kind=""
        )
        if needed not in network.output:
            raise checkpoints.CheckpointError(
                f"{path}: this face network has no {needed}, which is needed here: "
                "pretrain it with --task=distill --task=age."
            )
        return network

    def _predict(self, network, image):
        count = len(image)
        filled = generation.filled_up(image, self._batch_size)
        outputs = network.predict_on_batch(filled)
        return {name: value[:count] for name, value in outputs.items()}


def read_gender_reader(folder: str, image_size: int) -> keras.Model:
    """Reads a face network that has learnt gender and years.

    Raises:
        checkpoints.CheckpointError: if there is none, or it has not learnt them.
    """
    network, _ = face_networks.read(Path(folder), image_size=image_size, kind="")
    if not {"gender_logits", "age_years"} <= network.output.keys():
        raise checkpoints.CheckpointError(
            f"{folder}: this face network does not read gender and years, which are "
            "needed here: pretrain it with --task=gender --task=years."
        )
    return network


def gender_of(outputs: Mapping[str, np.ndarray]) -> np.ndarray:
    """Returns [N] logits, above 0 for women, of a face network's outputs."""
    male, female = np.moveaxis(np.asarray(outputs["gender_logits"]), -1, 0)
    return female - male


def expected_groups(
    logits: np.ndarray, groups: AgeGroups, known: AgeGroups = CACD
) -> np.ndarray:
    """Returns the groups of the ages that a classifier of other groups expects.

    The expected age is the mean of its groups' middles, weighted by the predicted
    probabilities.

    Args:
        logits: [N, len(known)].
        groups: to sort the faces into.
        known: groups of the classifier.

    Returns:
        [N] int in [0, len(groups)).

    Raises:
        checkpoints.CheckpointError: if the classifier has another number of groups.
    """
    if logits.shape[1] != len(known):
        raise checkpoints.CheckpointError(
            f"The face AlexNet tells {logits.shape[1]} age groups apart, expected "
            f"{len(known)}: {', '.join(known.names)}."
        )
    years = special.softmax(logits, axis=1) @ np.array(known.middles)
    found = [groups.group_of_age(round(float(age))) for age in years]
    return np.array([0 if group is None else group for group in found], int)
