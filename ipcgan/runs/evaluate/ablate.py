"""What each loss weight does: equally long trainings that differ in one flag."""

import dataclasses
from pathlib import Path

from absl import logging

from ipcgan import checkpoints, config, report
from ipcgan.evaluation import intervals
from ipcgan.inference.ager import FaceAger
from ipcgan.runs.evaluate.measure import age, examine
from ipcgan.runs.evaluate.people import read_split_sample
from ipcgan.runs.evaluate.teachers import teachers_of
from ipcgan.runs.train.train import train_family

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
    """Returns the trainings by what they change, the unchanged one first.

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


def ablate(base: config.TrainConfig, measured: config.EvaluateConfig) -> str:
    """Trains every setting and measures it on the same validation faces.

    What was trained before is not done again. Writes ablation.json and ablation.svg,
    in which the age that is gained stands against the identity kept.

    Args:
        base: the training; with init_from all begin with a generator that ages.
        measured: on which faces the settings are compared.

    Returns:
        A Markdown table.
    """
    folder = Path(base.run.checkpoint_dir)
    trainings = settings_to_try(base)
    for label, settings in trainings.items():
        logging.info("Training %s.", label or "the flags as given")
        if train_family(settings) < settings.run.max_steps:
            return "Interrupted: run again to go on."

    ager = FaceAger.from_checkpoint(trainings[""].run.checkpoint_dir)
    sample = read_split_sample(measured, ager.image_size, ager.age_groups)
    examination, _ = examine(sample, measured)
    results = {}
    for label, settings in trainings.items():
        folder_of_it = settings.run.checkpoint_dir
        aged = age(FaceAger.from_checkpoint(folder_of_it), examination.sources)
        taught_by = teachers_of(folder_of_it, measured.inversion)
        found = examination.measure(aged, label or "base", teachers=taught_by).report
        results[label or _named(base)] = {**found["summary"], "score": found["score"]}
    judges = measured.age_judges[-1], measured.recognisers[-1]
    return write_results(results, judges, folder)


def write_results(results: dict, judges: tuple[str, str], folder: Path) -> str:
    """Writes the results and their plot; returns them as a Markdown table.

    Args:
        results: figures.summary of each training, by what it changes.
        judges: the age judge and the recogniser whose figures are shown.
        folder: where to write.
    """
    checkpoints.write_json(folder / RESULT, report.without_nan(results))
    _draw(results, *judges, folder / PLOT)
    return _table(results, *judges)


def _named(base):
    return "base: " + ", ".join(_short(base.recipe[name]) for name in CHANGES)


def _draw(results, judge, recogniser, path):
    series = {"": {}, **{name: {} for name in CHANGES}}
    for label, row in results.items():
        flag, _, value = label.partition("=")
        point = row[f"rise/{judge}"][0], row[f"to_oldest/distance/{recogniser}"][0]
        series[flag if value else ""][value or label] = point
    report.draw_trade_off(
        series,
        path,
        x_label=f"ageing: judged years ({judge}), 51+ minus 21-30",
        y_label=f"identity: {recogniser}'s distance of 51+ from the source",
    )


def _table(results, judge, recogniser):
    columns = {
        f"51+ minus 21-30, years ({judge})": (f"rise/{judge}", 1),
        "no step back, %": (f"never_steps_back/{judge}", 100),
        f"{recogniser} distance to 51+": (f"to_oldest/distance/{recogniser}", 1),
        "same person to 51+, %": (f"to_oldest/same_strict/{recogniser}", 100),
        "gender kept, %": (f"gender_kept/{judge}", 100),
    }
    rows = [
        [label, *(intervals.text(row[key], scale) for key, scale in columns.values())]
        for label, row in results.items()
    ]
    return report.markdown_table(["changed", *columns], rows)
