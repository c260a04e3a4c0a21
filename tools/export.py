"""Writes a checkpoint's network for ONNX Runtime and OpenVINO, proven equal first."""

from absl import app, flags


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    flags.DEFINE_string(
        "checkpoint_dir",
        "checkpoints/ipcgan_utkface_128",
        "Folder of the trained network, which gets the files: a shipped one, or that "
        "of a training.",
        flag_values=values,
    )


def main(argv):
    """Prints how equal each export is."""
    if len(argv) > 1:
        raise app.UsageError(f"Unexpected arguments: {argv[1:]}")
    from ipcgan.runs import cli  # Slow: they import the backend.
    from ipcgan.runs.weights import export

    lines = cli.run(export.export_checkpoint, flags.FLAGS.checkpoint_dir)
    print("\n".join(lines))


if __name__ == "__main__":
    define_flags()
    app.run(main)
