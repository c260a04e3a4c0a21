"""Judges that measure brightness instead of asking networks."""

import numpy as np

from ipcgan.evaluation.judges import Predictions
from ipcgan.photos import MissingWeightsError
from ipcgan.runs.evaluate import evaluators


class BrightnessJudges:
    """The darker the older; who has the same corner is the same person.

    A picture that is black has no face. Two age judges: one sees everybody two years
    older than the other does.
    """

    usual_thresholds = {"Corner": 5.0}
    age_judges = ("Bright", "Older")
    embedders = ("HSE",)

    def __init__(self, make_panel=None):
        if make_panel:
            make_panel()

    def predict(self, faces, name):
        faces = np.array(faces, float).reshape(len(faces), *np.shape(faces)[1:])
        found = faces.max(axis=(1, 2, 3)) > 0
        ages = np.where(found, 80 - faces.mean(axis=(1, 2, 3)) / 4, np.nan)
        genders = np.where(found, "male", "")
        corners = np.where(found[:, None], faces[:, 0, 0], np.nan)
        return Predictions(
            counts=found.astype(int),
            ages={"Bright": ages, "Older": ages + 2},
            genders={"Bright": genders, "Older": genders},
            descriptors={"Corner": corners.astype(np.float32)},
            embeddings=self.embed(faces, name),
        )

    def embed(self, faces, name):
        return {"HSE": np.array(faces, float).mean(axis=(1, 2))}


def usable(age_judges, recognisers, hse_dir):
    there = tuple(name for name in recognisers if name != "Missing")
    missing = ["Missing: put missing.h5 at /somewhere"] * ("Missing" in recognisers)
    if recognisers and not there:
        raise MissingWeightsError(missing[0])
    return age_judges, there, missing


def install(monkeypatch):
    """Makes evaluations ask these; InceptionV3's features are the mean colour."""
    monkeypatch.setattr(evaluators, "Judges", BrightnessJudges)
    monkeypatch.setattr(evaluators.panel, "usable", usable)
    monkeypatch.setattr(evaluators.panel, "make_panel", lambda *_, **__: None)
    features = ("mean colour", lambda faces, name: faces.mean(axis=(1, 2)))
    monkeypatch.setattr(evaluators.inception, "read_features", lambda: features)
