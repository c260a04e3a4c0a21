"""The program behind `python age_lsgan_transfer.py` and `ipcgan-train`."""

import json
import os
import sys
from pathlib import Path

from absl import flags

from ipcgan import config
from ipcgan.runs import cli, score_files
from ipcgan.runs.train import (
    checks,
    next_steps,
    recipe_files,
    train_flags,
    train_help,
    train_settings,
)
from ipcgan.training.interruption import Interruption


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    train_flags.define(values, with_dry_run=True)


def train_config(values: flags.FlagValues) -> config.TrainConfig:
    """The only place where flags become a config."""
    return train_settings.train_config(values)


def main(argv):
    """Parses nothing itself; hands the config to the run."""
    if flags.FLAGS.help_recipe:
        cli.show(train_help.recipe(flags.FLAGS.help_recipe))
        return
    settings = cli.run(train_config, flags.FLAGS)
    if flags.FLAGS.dry_run:
        cli.show(json.dumps(recipe_files.describe(settings), indent=2))
        return
    cli.run(checks.check, settings)
    # Slow: they import the backend.
    from ipcgan.runs.train import train
    from ipcgan.training import devices

    interruption, used = Interruption(), devices.ONE_DEVICE
    try:
        used = cli.run(devices.connect, flags.FLAGS.devices)
        done = cli.run(train.train_family, settings, interruption, used)
    except KeyboardInterrupt:
        cli.show(next_steps.NOT_BEGUN)
        raise
    except SystemExit as error:
        if used.processes > 1:
            _leave(error)
        raise
    if used.rank == 0:
        best = cli.run(_best_score, Path(settings.run.checkpoint_dir))
        lines = next_steps.lines(settings, done, train.steps_wanted(settings), best)
        cli.show("\n".join(lines))
    cli.exit_if_interrupted(interruption.signal)


def _leave(error):
    """Ends the process at once.

    An engine that ends in good order waits for the other processes, which wait for it.
    """
    sys.stderr.write(f"{error}\n")
    sys.stderr.flush()
    os._exit(1)


def _best_score(folder):
    """Returns the best of the scores that tools/evaluate.py left there, or None."""
    entries = score_files.read_scores(folder)
    if not entries:
        return None
    from ipcgan.evaluation import scores  # Slow: it imports the judges.

    # Scores of other faces, or by other judges, cannot be compared.
    measured_on = entries[-1]["measured_on"]
    return scores.best([e for e in entries if e["measured_on"] == measured_on])


def run() -> None:
    """Entry point of `ipcgan-train`."""
    cli.program(main, define_flags, parse=_parse)


def _parse(given):
    return train_help.parse(given, "Trains a face ageing model.")
