"""Shows what each loss weight does: short trainings that differ in one flag each."""

import sys

from absl import app, flags

from ipcgan import config
from ipcgan.runs import shared_flags
from ipcgan.runs.train import train_flags


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`: those of training, and one more.

    With --init_from they tell what a flag does to a generator that ages.
    """
    train_flags.define(values)
    flags.DEFINE_integer(
        "num_faces",
        100,
        "How many faces of the validation split to age and judge.",
        lower_bound=2,
        flag_values=values,
    )


def evaluate_config(values: flags.FlagValues) -> config.EvaluateConfig:
    """Returns on which faces the trainings are compared."""
    return config.EvaluateConfig(
        dataset=values.dataset,
        root_folder=values.root_folder,
        split="validation",
        num_faces=values.num_faces,
    )


def main(argv):
    """Parses nothing itself; hands the configs to the run and prints its table."""
    if len(argv) > 1:
        raise app.UsageError(f"Unexpected arguments: {argv[1:]}")
    from ipcgan.runs import cli  # Slow: they import the backend.
    from ipcgan.runs.evaluate import ablate

    values = flags.FLAGS
    base = cli.run(train_flags.train_config, values)
    print(cli.run(ablate.ablate, base, evaluate_config(values)))


if __name__ == "__main__":
    define_flags()
    shared_flags.show_in_help(flags.FLAGS, sys.argv[0])
    app.run(main)
