"""Makes a small folder of weights to publish from a training run's folder."""

from absl import flags

from ipcgan.inference import config_values
from ipcgan.runs import cli, folders


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    for name, text in (
        ("checkpoint_dir", "Folder of a training run, or of a face AlexNet."),
        ("save_dir", "Folder to write config.json and float16 weights to."),
    ):
        flags.DEFINE_string(name, None, text, required=True, flag_values=values)
    flags.DEFINE_integer(
        "image_size",
        None,
        "Of the faces that the weights will age, in pixels, where the generator is one "
        "of convolutions: IPCGAN's ages faces of 192 and 256 pixels by what it learnt "
        "at 128. By default that of the training run.",
        lower_bound=1,
        flag_values=values,
    )


def main(argv):
    """Parses nothing itself; hands the folders to the run."""
    values = flags.FLAGS
    cli.run(config_values.find, values.checkpoint_dir)
    cli.run(folders.check_writable, values.save_dir, "save_dir")
    from ipcgan.runs.weights import ship  # Slow: it imports the backend.

    path = cli.run(
        ship.ship,
        values.checkpoint_dir,
        values.save_dir,
        values.image_size,
    )
    cli.show(f"Wrote {path}, {path.stat().st_size / 2**20:.1f} MB")


if __name__ == "__main__":
    cli.program(main, define_flags)
