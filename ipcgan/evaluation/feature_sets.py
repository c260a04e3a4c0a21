"""Sets of faces in the features that the kernel inception distance compares."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ipcgan.data.faces import Faces
from ipcgan.evaluation import baselines, quality
from ipcgan.evaluation.judges import Judges, Predictions
from ipcgan.evaluation.sample import AgedSample


class FeatureSets:
    """Untouched, real and blurred real faces in each kind of features.

    Args:
        sources: N people.
        own: [N] predictions of them.
        real: M faces, to compare with.
        predicted: [M] predictions of them.
        judges: whose embedders give features.
        features: (name, function) as from inception.read_features: one kind more; None:
            there is none.
    """

    def __init__(
        self,
        sources: Faces,
        own: Predictions,
        real: Faces,
        predicted: Predictions,
        judges: Judges,
        features: tuple[str, Callable] | None,
    ):
        self._real_groups = real.groups
        self._sets = {}  # of each kind (sources, real, blurred real).
        self._describe = None
        if not len(real):
            return
        blurred = baselines.blur(real.pixels)
        embedded = judges.embed(blurred, "judging blurred faces")
        for name, of_blur in embedded.items():
            self._sets[name] = own.embeddings[name], predicted.embeddings[name], of_blur
        if features:
            name, describe = features
            described = describe(real.pixels, "features of real faces")
            # The kernel depends on the scale, which for these features means nothing.
            scale = float(np.sqrt(np.mean(np.square(described)))) or 1.0
            self._describe = lambda *faces: describe(*faces) / scale
            self._sets[name] = (
                self._describe(sources.pixels, "features of sources"),
                described / scale,
                self._describe(blurred, "features of a blur"),
            )

    def kid(
        self,
        aged: AgedSample,
        predictions: Predictions,
        tinted: tuple[AgedSample, Predictions] | None,
        *,
        others: np.ndarray,
        names: tuple[str, ...],
    ) -> dict[str, Any]:
        """Returns the "kid" of a report: of each kind {"targets": quality.by_target}.

        Args:
            aged: faces of N people at K targets.
            predictions: [N, K] of them.
            tinted: the same of faces that were tinted instead; None: there are none.
            others: [N, K] bool, who takes part; see quality.by_target.
            names: K, of the targets.
        """
        return {
            name: {
                "targets": quality.by_target(
                    self._features(name, aged, predictions),
                    copies,
                    real,
                    blurred,
                    real_groups=self._real_groups,
                    others=others,
                    names=names,
                    tinted=None if tinted is None else self._features(name, *tinted),
                )
            }
            for name, (copies, real, blurred) in self._sets.items()
        }

    def _features(self, name, aged, predictions):
        """Features [N, K, D] of a kind; NaN where there is no face."""
        if name in predictions.embeddings:
            return predictions.embeddings[name]
        people = f"features of {len(aged.faces)} people"
        of_each = self._describe(aged.faces[aged.made], people)
        result = np.full((*aged.made.shape, of_each.shape[1]), np.nan, np.float32)
        result[aged.made] = of_each
        return result
