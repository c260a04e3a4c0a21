"""Trains a face ageing model; run with --help for every option."""

import json
import sys

from absl import app, flags

from ipcgan import config
from ipcgan.runs import cli, shared_flags
from ipcgan.runs.train import recipe_files, train_flags


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
    settings = cli.run(train_config, flags.FLAGS)
    if flags.FLAGS.dry_run:
        print(json.dumps(recipe_files.describe(settings), indent=2))
        return
    from ipcgan.runs.train import train  # Slow: it imports the backend.

    cli.run(train.train_family, settings)


def run():
    """Entry point of `ipcgan-train`."""
    define_flags()
    shared_flags.show_in_help(flags.FLAGS, sys.argv[0])
    app.run(main)


if __name__ == "__main__":
    run()
