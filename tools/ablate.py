"""Shows what each loss weight does: short training runs that differ in one flag."""

from absl import flags

from ipcgan import config
from ipcgan.runs import cli
from ipcgan.runs.train import checks, train_flags, train_settings
from ipcgan.training.interruption import Interruption


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`: those of training, and one more.

    With --init_from they tell what a flag does to a trained generator.
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
    """Returns on which faces the training runs are compared."""
    return config.EvaluateConfig(
        dataset=values.dataset,
        root_folder=values.root_folder,
        split="validation",
        num_faces=values.num_faces,
    )


def main(argv):
    """Parses nothing itself; hands the configs to the run and prints its table."""
    values = flags.FLAGS
    base = cli.run(train_settings.train_config, values)
    cli.run(checks.check, base)
    from ipcgan.runs.evaluate import ablate  # Slow: it imports the backend.

    interruption = Interruption()
    cli.show(cli.run(ablate.ablate, base, evaluate_config(values), interruption))
    cli.exit_if_interrupted(interruption.signal)


if __name__ == "__main__":
    cli.program(main, define_flags)
