"""Measures a checkpoint on unseen faces: does it age, is it still the same person?"""

import sys

from absl import app, flags

from ipcgan import config
from ipcgan.runs import flag_groups


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    default = config.EvaluateConfig()
    flag_groups.define_data(default.data, values)
    flags.DEFINE_string(
        "checkpoint_dir",
        default.checkpoint_dir,
        "Folder of the trained network: a shipped one, or that of a training.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "report_dir",
        default.report_dir,
        "Folder for report.json, report.md and faces.png.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "split",
        default.split,
        ["validation", "test"],
        "Which faces: those to choose a network by, or those never looked at.",
        flag_values=values,
    )
    for name, text, least in (
        ("num_faces", "How many faces to age, drawn at random.", 2),
        ("seed", "Of that draw.", 0),
        ("max_source_age", "Age only faces up to this many years; 0: all.", 0),
    ):
        flags.DEFINE_integer(
            name, getattr(default, name), text, lower_bound=least, flag_values=values
        )


def evaluate_config(values: flags.FlagValues) -> config.EvaluateConfig:
    """The only place where flags become a config."""
    return config.EvaluateConfig(
        data=flag_groups.data_config(values),
        checkpoint_dir=values.checkpoint_dir,
        report_dir=values.report_dir,
        split=values.split,
        num_faces=values.num_faces,
        seed=values.seed,
        max_source_age=values.max_source_age,
    )


def main(argv):
    """Parses nothing itself; hands the config to the run and prints its report."""
    if len(argv) > 1:
        raise app.UsageError(f"Unexpected arguments: {argv[1:]}")
    from ipcgan.runs import command, evaluating  # Slow: they import the backend.

    print(command.run(evaluating.evaluate, evaluate_config(flags.FLAGS)))


if __name__ == "__main__":
    define_flags()
    flag_groups.show_in_help(flags.FLAGS, sys.argv[0])
    app.run(main)
