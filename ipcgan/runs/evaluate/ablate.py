"""Ablation: equally long training runs that differ in one flag."""

import dataclasses
from pathlib import Path

from absl import logging

from ipcgan import checkpoints, config, report
from ipcgan.inference.ager import FaceAger
from ipcgan.report import ablation
from ipcgan.runs.evaluate.evaluators import make_evaluator
from ipcgan.runs.evaluate.people import age, read_split_sample
from ipcgan.runs.evaluate.teachers import teachers_of
from ipcgan.runs.train.train import train_family
from ipcgan.training.interruption import Interruption

RESULT = "ablation.json"
PLOT = "ablation.svg"
# One flag changed at a time, from lower to higher; a number multiplies the weight
# that the command line gives.
CHANGES = {
    "age_loss_weight": (0.25, 4.0),
    "fea_loss_weight": (0.0, 10.0, 40.0),
    "fea_layer_name": ("conv3", "fc7"),
}


def settings_to_try(base: config.TrainConfig) -> dict[str, config.TrainConfig]:
    """Returns the training runs by what they change, the unchanged one first.

    Each has a folder of its own in the checkpoint folder of `base`.
    """
    result = {"": base}
    for name, changes in CHANGES.items():
        for change in changes:
            before = base.recipe[name]
            value = change if isinstance(change, str) else change * before
            if value != before:
                recipe = {**base.recipe, name: value}
                result[f"{name}={_short(value)}"] = dataclasses.replace(
                    base, recipe=recipe
                )
    return {
        label: dataclasses.replace(
            settings,
            run=dataclasses.replace(
                settings.run,
                checkpoint_dir=str(Path(base.run.checkpoint_dir) / (label or "base")),
            ),
        )
        for label, settings in result.items()
    }


def _short(value):
    return value if isinstance(value, str) else f"{value:g}"


def ablate(
    base: config.TrainConfig,
    measured: config.EvaluateConfig,
    interruption: Interruption | None = None,
) -> str:
    """Trains every setting and evaluates it on the same validation faces.

    What was trained before is not done again. Writes ablation.json and ablation.svg,
    which plots the gained age against the kept identity.

    Args:
        base: the training run; with init_from all begin with a trained generator.
        measured: on which faces the settings are compared.
        interruption: as for trainer.train.

    Returns:
        A Markdown table.
    """
    folder = Path(base.run.checkpoint_dir)
    trainings = settings_to_try(base)
    for label, settings in trainings.items():
        logging.info("Training %s.", label or "the flags as given")
        if train_family(settings, interruption) < settings.run.max_steps:
            return "Interrupted: run again to resume."

    ager = FaceAger.from_checkpoint(trainings[""].run.checkpoint_dir, engine="keras")
    sample = read_split_sample(measured, ager.image_size, ager.age_groups)
    evaluator, _ = make_evaluator(sample, measured)
    results = {}
    for label, settings in trainings.items():
        folder_of_it = settings.run.checkpoint_dir
        ager = FaceAger.from_checkpoint(folder_of_it, engine="keras")
        aged = age(ager, evaluator.sample.sources)
        taught_by = teachers_of(folder_of_it, measured.inversion)
        found = evaluator.evaluate(aged, label or "base", teachers=taught_by).report
        results[label or _named(base)] = {**found["summary"], "score": found["score"]}
    judges = measured.age_judges[-1], measured.recognisers[-1]
    return write_results(results, judges, folder)


def write_results(results: dict, judges: tuple[str, str], folder: Path) -> str:
    """Writes the results and their plot; returns them as a Markdown table.

    Args:
        results: figures.summary of each training run, by what it changes.
        judges: the age judge and the recogniser whose figures are shown.
        folder: where to write.
    """
    checkpoints.write_json(folder / RESULT, report.without_nan(results))
    ablation.draw(results, *judges, folder / PLOT)
    return ablation.to_markdown(results, *judges)


def _named(base):
    return "base: " + ", ".join(_short(base.recipe[name]) for name in CHANGES)
