"""Makes the judges that an evaluation's settings name, and lets them predict."""

import functools

from absl import logging

from ipcgan import config
from ipcgan.evaluation import inception, panel
from ipcgan.evaluation.evaluator import Evaluator
from ipcgan.evaluation.judges import Judges
from ipcgan.evaluation.predicted_sample import PredictedSample
from ipcgan.evaluation.sample import Sample


def make_judges(settings: config.EvaluateConfig) -> tuple[Judges, list[str]]:
    """Makes those of the settings' judges that can be used here.

    Returns:
        (the judges, why others are missing).

    Raises:
        config.ConfigError: if there is no such judge.
        MissingWeightsError: if no age judge or no recogniser can be used.
    """
    age_judges, recognisers, missing = panel.usable(
        settings.age_judges, settings.recognisers, settings.hse_dir
    )
    for why in missing:
        logging.error("%s", why)
    make_panel = functools.partial(
        panel.make_panel, age_judges, recognisers, settings.hse_dir
    )
    return Judges(make_panel), missing


def make_evaluator(
    sample: Sample, settings: config.EvaluateConfig
) -> tuple[Evaluator, list[str]]:
    """Lets all judges of the settings predict a sample.

    Returns:
        (what evaluates its people once they are aged, why judges are missing).

    Raises:
        DataError: if no face is found in any source.
        config.ConfigError: if there is no such judge.
        MissingWeightsError: if no age judge or no recogniser can be used.
        checkpoints.CheckpointError: if InceptionV3's file is something else.
    """
    judges, missing = make_judges(settings)
    known = PredictedSample(sample, judges)
    return Evaluator(known, judges, inception.read_features()), missing
