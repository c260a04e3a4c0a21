"""Measures a checkpoint on unseen faces: does it age, is it still the same person?"""

import sys

from absl import app, flags

from ipcgan import config
from ipcgan.runs import flag_groups

EVERY_CHECKPOINT_FACES = 150  # of 15 s a checkpoint, 12 are the judges'.


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    default = config.EvaluateConfig()
    flag_groups.define_folder(default, values)
    for name, text in (
        (
            "checkpoint_dir",
            "Folder of the trained network: a shipped one, or that of a training.",
        ),
        ("report_dir", "Folder for report.json, report.md and faces.png."),
        (
            "alexnet_dir",
            "Folder of the face AlexNet whose conv5 measures quality where InceptionV3 "
            "is not on disk.",
        ),
    ):
        flags.DEFINE_string(name, getattr(default, name), text, flag_values=values)
    flags.DEFINE_enum(
        "split",
        default.split,
        ["validation", "test"],
        "Which faces of --root_folder: those to choose a network by, or those never "
        "looked at.",
        flag_values=values,
    )
    flags.DEFINE_bool(
        "every_checkpoint",
        False,
        "Score every checkpoint of a training, also while it runs, and name the best. "
        "Those in scores.jsonl are not scored again. Uses the validation split.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "num_faces",
        None,
        "How many faces of the split to age, drawn alike from all age groups; default "
        f"{default.num_faces}, and {EVERY_CHECKPOINT_FACES} with --every_checkpoint.",
        lower_bound=2,
        flag_values=values,
    )
    flags.DEFINE_integer(
        "seed", default.seed, "Of that draw.", lower_bound=0, flag_values=values
    )


def evaluate_config(values: flags.FlagValues) -> config.EvaluateConfig:
    """The only place where flags become a config."""
    every = values.every_checkpoint
    default = EVERY_CHECKPOINT_FACES if every else config.EvaluateConfig().num_faces
    return config.EvaluateConfig(
        checkpoint_dir=values.checkpoint_dir,
        report_dir=values.report_dir,
        alexnet_dir=values.alexnet_dir,
        dataset=values.dataset,
        root_folder=values.root_folder,
        split="validation" if every else values.split,
        num_faces=values.num_faces or default,
        seed=values.seed,
    )


def main(argv):
    """Parses nothing itself; hands the config to the run and prints its report."""
    if len(argv) > 1:
        raise app.UsageError(f"Unexpected arguments: {argv[1:]}")
    settings = evaluate_config(flags.FLAGS)
    from ipcgan.runs import command, evaluating, scoring  # Slow: the backend.

    every = flags.FLAGS.every_checkpoint
    print(command.run(scoring.score if every else evaluating.evaluate, settings))


if __name__ == "__main__":
    define_flags()
    flag_groups.show_in_help(flags.FLAGS, sys.argv[0])
    app.run(main)
