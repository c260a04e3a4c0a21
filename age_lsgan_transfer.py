"""Trains a face ageing model; run with --help for every option."""

import json

from absl import flags

from ipcgan import config
from ipcgan.runs import cli
from ipcgan.runs.train import checks, recipe_files, train_flags


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    train_flags.define(values, with_dry_run=True)


def train_config(values: flags.FlagValues) -> config.TrainConfig:
    """The only place where flags become a config."""
    return train_flags.train_config(values)


def main(argv):
    """Parses nothing itself; hands the config to the run."""
    settings = cli.run(train_config, flags.FLAGS)
    if flags.FLAGS.dry_run:
        print(json.dumps(recipe_files.describe(settings), indent=2))
        return
    cli.run(checks.check, settings)
    from ipcgan.runs.train import train  # Slow: it imports the backend.

    cli.run(train.train_family, settings)


def run():
    """Entry point of `ipcgan-train`."""
    cli.program(main, define_flags)


if __name__ == "__main__":
    run()
