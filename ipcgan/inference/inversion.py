"""GAN inversion: faces -> latent vectors that reconstruct them.

Source: Antipov, Baccouche, Dugelay, "Face Aging with Conditional Generative Adversarial
Networks", ICIP 2017: the encoder's guess z0, then a search from there by pixels or by a
face recogniser's features ("identity preserving"). Not in the paper: a search from
there with more numbers than the latent vector has ("extended").
"""

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence

import keras
import numpy as np

from ipcgan import config
from ipcgan.age_groups import AgeGroups
from ipcgan.data import images
from ipcgan.inference import gender_directions, generation, minimisation
from ipcgan.inference.face_estimates import FaceNetworks
from ipcgan.training.step import make_gradient

_UNKNOWN = -1  # "group" of a face whose own age group is unknown.
_EXTENDED = "extended"  # the method whose generator takes longer codes.


@dataclasses.dataclass(frozen=True)
class Inversion:
    """The latent vectors of N faces.

    Attributes:
        latents: of each method [N, Z] float32, from the encoder's guess ("none") to
            the method that was asked for; "extended" has codes of more than Z numbers.
        groups: [N] int32, own age groups.
        judged: [N] bool, whose own group the face AlexNet predicted.
        genders: [N] logits read of the faces, which ageing keeps; None: of no face.
        traces: of each search, face by face, the objective after every step.
        seconds: that each search took, what compiles included.
    """

    latents: Mapping[str, np.ndarray]
    groups: np.ndarray
    judged: np.ndarray
    traces: Mapping[str, list[list[float]]]
    seconds: Mapping[str, float]
    genders: np.ndarray | None = None

    @property
    def method(self) -> str:
        """The last method, which was asked for."""
        return list(self.latents)[-1]

    def progress(self, name: str) -> "Progress":
        """Returns the statistics of a search."""
        traces = self.traces[name]
        steps = [len(trace) - 1 for trace in traces]
        start, end = (float(np.mean([trace[i] for trace in traces])) for i in (0, -1))
        falling = sum(bool((np.diff(trace) <= 0).all()) for trace in traces)
        return Progress(float(np.mean(steps)), max(steps), start, end, falling)


@dataclasses.dataclass(frozen=True)
class Progress:
    """Statistics of the search of N faces' latent vectors."""

    steps: float  # of a face, on average.
    most_steps: int  # of any face.
    start: float  # the objective before the first step, on average.
    end: float  # after the last.
    falling: int  # of how many faces it never rose.


class Inverter:
    """Finds latent vectors of faces.

    Args:
        networks: a generator of (latent, group), and an encoder of (image, group).
        objectives: of each search (networks, latent, given) -> [N], in the order of
            config.INVERSIONS; see families.family.
        settings: method, and how far to search.
        groups: age groups of the generator.
        batch_size: faces that are searched together.
        extended: generator -> the same of longer codes; for the method of that name.
        gender_directions: [K, Z] of the age groups, for that method alone; None: gender
            is not kept.
    """

    def __init__(
        self,
        networks: Mapping[str, keras.Model],
        objectives: Mapping[str, Callable],
        settings: config.InversionConfig,
        groups: AgeGroups,
        batch_size: int = 32,
        extended: Callable | None = None,
        gender_directions: np.ndarray | None = None,
    ):
        config.check_choice(settings, "method", config.INVERSIONS)
        config.check_choice(settings, "optimizer", config.INVERSION_OPTIMIZERS)
        config.check_choice(
            settings, "identity_descriptor", config.IDENTITY_DESCRIPTORS
        )
        self.networks = dict(networks)
        self.settings = settings
        self._generators = dict.fromkeys(config.INVERSIONS, networks["generator"])
        if settings.method == _EXTENDED and extended is not None:
            self._generators[_EXTENDED] = extended(networks["generator"])
        self._gender_directions = (
            gender_directions if settings.method == _EXTENDED else None
        )
        self._groups = groups
        self._batch_size = batch_size
        self._gradients: dict[str, Callable] = {}  # compiled once.
        self._face_networks = FaceNetworks(settings, self.image_size, batch_size)
        last = config.INVERSIONS.index(settings.method)
        self._objectives = {
            name: objectives[name] for name in config.INVERSIONS[1 : last + 1]
        }

    @property
    def image_size(self) -> int:
        """Side of the faces, in pixels."""
        return self.networks["generator"].output_shape[1]

    def generator_of(self, method: str) -> keras.Model:
        """The network that makes faces of a method's latent vectors and groups."""
        return self._generators[method]

    def __call__(
        self,
        faces: np.ndarray,
        source_groups: Sequence[int] | np.ndarray | None = None,
    ) -> Inversion:
        """Finds the latent vectors of faces; a progress bar shows each search.

        A face's result does not depend on the others.

        Args:
            faces: [N, S, S, 3] uint8 RGB, N at least 1.
            source_groups: [N] their own age groups; -1, or None for all: the face
                AlexNet's age head predicts them.

        Raises:
            checkpoints.CheckpointError: if the face AlexNet is needed, and missing or
            unsuitable.
        """
        unknown = np.full(len(faces), _UNKNOWN)
        groups = np.array(unknown if source_groups is None else source_groups, int)
        judged = groups == _UNKNOWN
        if judged.any():
            groups[judged] = self._face_networks.groups(faces[judged], self._groups)
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
            genders=self._genders(faces),
        )

    def _genders(self, faces):
        if self._gender_directions is None:
            return None
        parts = np.split(faces, range(self._batch_size, len(faces), self._batch_size))
        read = self._face_networks.genders
        return np.concatenate([read(images.to_unit_range(part)) for part in parts])

    def codes_at(self, inversion: Inversion, group: int) -> np.ndarray:
        """Returns the latent vectors that make the faces of an age group.

        They are those of the last method. Where there are directions, those of faces
        that have another age are moved until their gender is read as it was.

        Args:
            inversion: of the faces.
            group: to age them to.

        Returns:
            [N, Z] float32, or longer codes.
        """
        codes = inversion.latents[inversion.method]
        if self._gender_directions is None or inversion.genders is None:
            return codes
        generator, codes = self.generator_of(inversion.method), codes.copy()

        def reading(some):
            groups = np.full(len(some), group, np.int32)
            made = self._predict(generator, [some, groups])
            return self._face_networks.genders(made)

        (others,) = np.nonzero(inversion.groups != group)
        for start in range(0, len(others), self._batch_size):
            some = others[start : start + self._batch_size]
            codes[some] = gender_directions.moved(
                codes[some],
                self._gender_directions[group],
                inversion.genders[some],
                reading,
                self.settings.bound,
            )
        return codes

    def reconstruct(self, inversion: Inversion) -> dict[str, np.ndarray]:
        """Reconstructs the faces from each method's latent vectors.

        Returns:
            {method: [N, S, S, 3] uint8}.
        """
        result = {}
        for name, latent in inversion.latents.items():
            made = []
            for start in range(0, len(latent), self._batch_size):
                some = slice(start, start + self._batch_size)
                inputs = [latent[some], inversion.groups[some]]
                made.append(self._predict(self.generator_of(name), inputs))
            result[name] = images.to_uint8(np.concatenate(made))
        return result

    def _predict(self, network, inputs):
        count = len(inputs[0])
        filled = [generation.filled_up(x, self._batch_size) for x in inputs]
        return network.predict_on_batch(filled)[:count]

    def _invert(self, faces, group):
        """Returns {method: latents}, {method: traces}, {method: seconds} of a batch."""
        image = images.to_unit_range(faces)
        guess = self._predict(self.networks["encoder"], [image, group])
        latents, traces, seconds = {config.INVERSIONS[0]: guess}, {}, {}
        for name in self._objectives:
            start = time.perf_counter()
            first = self._first(name, guess, latents)
            minimum = self._search(name, first, self._given(name, image, group))
            latents[name], traces[name] = minimum.points, minimum.traces
            seconds[name] = time.perf_counter() - start
        return latents, traces, seconds

    def _first(self, name, guess, latents):
        """Returns where a search begins: the published ones at the encoder's guess."""
        if name != _EXTENDED:
            return guess
        found = list(latents.values())[-1]
        more = self.generator_of(name).inputs[0].shape[1] - found.shape[1]
        return np.pad(found, ((0, 0), (0, more)))

    def _given(self, name, image, group):
        given = {"image": image, "group": group}
        if name in config.BY_PERSON:
            given["descriptor"] = self._face_networks.descriptors(image)
            for weight in ("pixel_weight", "code_weight"):
                value = getattr(self.settings, weight)
                given[weight] = np.full(len(image), value, np.float32)
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
            needed = {"generator": self.generator_of(name)}
            if name in config.BY_PERSON:
                needed["recogniser"] = self._face_networks.recogniser
            self._gradients[name] = make_gradient(self._objectives[name], needed)
        return self._gradients[name]
