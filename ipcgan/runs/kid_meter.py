"""Real faces, described once, by which the quality of any others is measured."""

from collections.abc import Callable

import numpy as np

from ipcgan.age_groups import AgeGroups
from ipcgan.data.faces import Faces
from ipcgan.evaluation import baselines, quality

FEWEST_REAL = 20  # real faces of a group, to compare with.


class KidMeter:
    """Kernel inception distances to real faces of each group.

    Features are divided by their root mean square over the real faces: the kernel
    depends on their scale, which for a face AlexNet means nothing.

    Args:
        name: of the features.
        features: ([N, S, S, 3] uint8, label of a progress bar) -> [N, D].
        real: real faces of known groups.
        sources: the N people that are aged.
        source_groups: theirs, [N]. People take no part in the figures of their own
            group: there they need no ageing.
        groups: K of them.
    """

    def __init__(
        self,
        name: str,
        features: Callable,
        real: Faces,
        sources: Faces,
        source_groups: np.ndarray,
        groups: AgeGroups,
    ):
        self.name = name
        self._features = features
        self._names = groups.names
        self._real_groups = real.groups
        described = features(real.pixels, "features of real faces")
        self._scale = float(np.sqrt(np.mean(np.square(described)))) or 1.0
        self._real = described / self._scale
        self._blurred = self._describe(baselines.blur(real.pixels), "a blur")
        self._copied = self._describe(sources.pixels, "sources")
        self._others = source_groups[:, None] != np.arange(len(groups))  # [N, K]

    def measure(
        self,
        aged: np.ndarray,
        made: np.ndarray,
        tinted: np.ndarray | None,
        who_is_tinted: np.ndarray,
    ) -> dict:
        """Returns {"features": name, "targets": {target: {version: (KID, error)}}}.

        Only targets with FEWEST_REAL real faces are there.

        Args:
            aged: [N, K, S, S, 3] uint8.
            made: [N, K] bool, where there is such a face.
            tinted: [N, K, S, S, 3], to measure the baselines as well; None: do not.
            who_is_tinted: [N] bool, whose tints count.
        """
        targets = {}
        for group, name in enumerate(self._names):
            of_group = self._real_groups == group
            real, blurred = self._real[of_group], self._blurred[of_group]
            if len(real) < FEWEST_REAL:
                continue
            others = self._others[:, group]
            chosen = self._describe(aged[others & made[:, group], group], name)
            row = {"aged": quality.kid(chosen, real)}
            if tinted is not None:
                row["copy"] = quality.kid(self._copied[others], real)
                chosen = self._describe(tinted[others & who_is_tinted, group], "tints")
                row["tint only"] = quality.kid(chosen, real)
                row["real faces, halves"] = quality.kid(real[::2], real[1::2])
            row["blurred real faces"] = quality.kid(
                blurred, real, related=np.eye(len(real), dtype=bool)
            )
            targets[name] = row
        return {"features": self.name, "targets": targets}

    def _describe(self, pixels, name):
        return self._features(pixels, f"features of {name}") / self._scale
