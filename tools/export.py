"""Exports a checkpoint's network for ONNX Runtime and OpenVINO, checked first."""

from absl import flags

from ipcgan.inference import config_values
from ipcgan.runs import cli


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    flags.DEFINE_string(
        "checkpoint_dir",
        "checkpoints/ipcgan_128",
        "Folder of the trained network, which gets the files: a shipped one, or a "
        "training run's.",
        flag_values=values,
    )


def main(argv):
    """Prints how equal each export is."""
    cli.run(config_values.find, flags.FLAGS.checkpoint_dir)
    from ipcgan.runs.weights import export  # Slow: it imports the backend.

    lines = cli.run(export.export_checkpoint, flags.FLAGS.checkpoint_dir)
    cli.show("\n".join(lines))


if __name__ == "__main__":
    cli.program(main, define_flags)
