"""Faces -> latent vectors of which a generator makes the same faces again.

Source: Antipov, Baccouche, Dugelay, "Face Aging with Conditional Generative Adversarial
Networks", ICIP 2017: the encoder's guess z0, then a search from there by pixels or by a
face recogniser's features ("identity preserving").
"""

import dataclasses
import functools
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import keras
import numpy as np
from scipy import special

from ipcgan import checkpoints, config, face_networks
from ipcgan.age_groups import CACD, AgeGroups
from ipcgan.data import images
from ipcgan.inference import generation, minimisation
from ipcgan.training.step import make_gradient

_UNKNOWN = -1  # "group" of a face whose own age group nobody tells.


@dataclasses.dataclass(frozen=True)
class Inversion:
    """The latent vectors of N faces.

    Attributes:
        latents: of each method [N, Z] float32, from the encoder's guess ("none") to
            the method that was asked for.
        groups: [N] int32, own age groups.
        judged: [N] bool, whose own group the face AlexNet has judged.
        traces: of each search, face by face, the objective after every step.
        seconds: that each search took, what compiles included.
    """

    latents: Mapping[str, np.ndarray]
    groups: np.ndarray
    judged: np.ndarray
    traces: Mapping[str, list[list[float]]]
    seconds: Mapping[str, float]


class Inverter:
    """Finds latent vectors of faces.

    Args:
        networks: a generator of (latent, group), and an encoder of (image, group).
        objectives: of each search (networks, latent, given) -> [N], in the order of
            config.INVERSIONS; see families.
        settings: method, and how far to search.
        groups: age groups of the generator.
        batch_size: faces that are searched together.
    """

    def __init__(
        self,
        networks: Mapping[str, keras.Model],
        objectives: Mapping[str, Callable],
        settings: config.InversionConfig,
        groups: AgeGroups,
        batch_size: int = 32,
    ):
        config.check_choice(settings, "method", config.INVERSIONS)
        config.check_choice(settings, "optimizer", config.INVERSION_OPTIMIZERS)
        config.check_choice(
            settings, "identity_descriptor", config.IDENTITY_DESCRIPTORS
        )
        self.networks = dict(networks)
        self.settings = settings
        self._groups = groups
        self._batch_size = batch_size
        self._gradients: dict[str, Callable] = {}  # compiled once.
        last = config.INVERSIONS.index(settings.method)
        self._objectives = {
            name: objectives[name] for name in config.INVERSIONS[1 : last + 1]
        }

    @property
    def image_size(self) -> int:
        """Side of the faces, in pixels."""
        return self.networks["generator"].output_shape[1]

    def __call__(
        self, faces: np.ndarray, source_groups: np.ndarray | None = None
    ) -> Inversion:
        """Finds the latent vectors of faces; a progress bar shows each search.

        A face's result does not depend on the others.

        Args:
            faces: [N, S, S, 3] uint8 RGB, N at least 1.
            source_groups: [N] their own age groups; -1, or None for all: the face
                AlexNet's age head is asked.

        Raises:
            checkpoints.CheckpointError: if the face AlexNet is needed, and missing or
                not of use.
        """
        unknown = np.full(len(faces), _UNKNOWN)
        groups = np.array(unknown if source_groups is None else source_groups, int)
        judged = groups == _UNKNOWN
        if judged.any():
            groups[judged] = self._judge(faces[judged])
        parts = []
        for start in range(0, len(faces), self._batch_size):
            some = slice(start, start + self._batch_size)
            parts.append(self._invert(faces[some], groups[some].astype(np.int32)))
        latents, traces, seconds = zip(*parts, strict=True)
        return Inversion(
            latents={n: np.concatenate([p[n] for p in latents]) for n in latents[0]},
            groups=groups.astype(np.int32),
            judged=judged,
            traces={n: [t for p in traces for t in p[n]] for n in traces[0]},
            seconds={n: sum(p[n] for p in seconds) for n in seconds[0]},
        )

    def again(self, inversion: Inversion) -> dict[str, np.ndarray]:
        """Makes the faces again, of each method's latent vectors.

        Returns:
            {method: [N, S, S, 3] uint8}.
        """
        result = {}
        for name, latent in inversion.latents.items():
            made = []
            for start in range(0, len(latent), self._batch_size):
                some = slice(start, start + self._batch_size)
                inputs = [latent[some], inversion.groups[some]]
                made.append(self._predict("generator", inputs))
            result[name] = images.to_uint8(np.concatenate(made))
        return result

    def _predict(self, name, inputs):
        count = len(inputs[0])
        filled = [generation.filled_up(x, self._batch_size) for x in inputs]
        return self.networks[name].predict_on_batch(filled)[:count]

    def _invert(self, faces, group):
        """Returns {method: latents}, {method: traces}, {method: seconds} of a batch."""
        image = images.to_unit_range(faces)
        guess = self._predict("encoder", [image, group])
        latents, traces, seconds = {config.INVERSIONS[0]: guess}, {}, {}
        for name in self._objectives:
            start = time.perf_counter()
            minimum = self._search(name, guess, self._given(name, image, group))
            latents[name], traces[name] = minimum.points, minimum.traces
            seconds[name] = time.perf_counter() - start
        return latents, traces, seconds

    def _given(self, name, image, group):
        given = {"image": image, "group": group}
        if name == "identity_preserving":
            given["descriptor"] = self._ask(self._recogniser, image)["descriptor"]
            weight = self.settings.pixel_weight
            given["pixel_weight"] = np.full(len(image), weight, np.float32)
        return given

    def _search(self, name, start, given):
        # Filled up, so that few sizes are compiled; what is filled up is not searched.
        given = {k: generation.filled_up(v, self._batch_size) for k, v in given.items()}
        gradient = self._gradient(name)

        def function(points):
            filled = generation.filled_up(points, self._batch_size)
            values, gradients = gradient(filled, given)
            return values[: len(points)], gradients[: len(points)]

        settings = self.settings
        limits = {
            "steps": settings.steps,
            "tolerance": settings.tolerance,
            "bound": settings.bound,
            "name": name.replace("_", " "),
        }
        if settings.optimizer == "adam":
            rate = settings.learning_rate
            return minimisation.adam(function, start, learning_rate=rate, **limits)
        return minimisation.lbfgs(function, start, **limits)

    def _gradient(self, name):
        if name not in self._gradients:
            needed = {"generator": self.networks["generator"]}
            if name == "identity_preserving":
                needed["recogniser"] = self._recogniser
            self._gradients[name] = make_gradient(self._objectives[name], needed)
        return self._gradients[name]

    @functools.cached_property
    def _alexnet(self):
        """The face network that is asked for ages."""
        return self._face_network("age_logits")

    @functools.cached_property
    def _recogniser(self):
        """The network that is asked for who somebody is."""
        if self.settings.identity_descriptor == "dlib":
            return face_networks.read_dlib(self.image_size)
        return self._face_network("descriptor")

    def _face_network(self, needed):
        path = self.settings.alexnet_pretrained_model
        network, _ = face_networks.read(Path(path), image_size=self.image_size, kind="")
        if needed not in network.output:
            raise checkpoints.CheckpointError(
                f"{path}: this face network has no {needed}, which is needed here: "
                "pretrain it with --task=distill --task=age."
            )
        return network

    def _ask(self, network, image):
        count = len(image)
        filled = generation.filled_up(image, self._batch_size)
        outputs = network.predict_on_batch(filled)
        return {name: value[:count] for name, value in outputs.items()}

    def _judge(self, faces):
        """Returns the age groups that the face AlexNet takes faces for."""
        groups = []
        for start in range(0, len(faces), self._batch_size):
            some = images.to_unit_range(faces[start : start + self._batch_size])
            groups.append(
                expected_groups(
                    self._ask(self._alexnet, some)["age_logits"], self._groups
                )
            )
        return np.concatenate(groups)


def expected_groups(
    logits: np.ndarray, groups: AgeGroups, known: AgeGroups = CACD
) -> np.ndarray:
    """Returns the groups of the ages that a classifier of other groups expects.

    The expected age is the mean of its groups' middles, weighted by how probable it
    takes each to be.

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
