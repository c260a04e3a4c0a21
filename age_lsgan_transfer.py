"""Trains a face ageing model."""

import json

from absl import app, flags

from ipcgan import config
from ipcgan.runs import cli
from ipcgan.runs.train import recipe_files, train_flags, train_help


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    train_flags.define(values, with_dry_run=True)


def train_config(values: flags.FlagValues) -> config.TrainConfig:
    """The only place where flags become a config."""
    return train_flags.train_config(values)


def main(argv):
    """Parses nothing itself; hands the config to the run."""
    if len(argv) > 1:
        raise app.UsageError(f"Unexpected arguments: {argv[1:]}")
    if flags.FLAGS.help_recipe:
        print(train_help.recipe(flags.FLAGS.help_recipe))
        return
    settings = cli.run(train_config, flags.FLAGS)
    if flags.FLAGS.dry_run:
        print(json.dumps(recipe_files.describe(settings), indent=2))
        return
    from ipcgan.runs.train import train  # Slow: it imports the backend.

    cli.run(train.train_family, settings)


def run():
    """Entry point of `ipcgan-train`."""
    define_flags()
    app.run(main, flags_parser=lambda given: train_help.parse(given, __doc__))


if __name__ == "__main__":
    run()
