"""Draws faces of people who do not exist with an Age-cGAN, one for each seed."""

from absl import app, flags

from ipcgan.inference import config_values
from ipcgan.runs import cli, folders


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    flags.DEFINE_string(
        "checkpoint_dir",
        "checkpoints/age_cgan_64",
        "Folder of the trained network.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "save_dir",
        None,
        "Folder to write nobody-SEED.png to, and sheet.jpg, all at every age.",
        required=True,
        flag_values=values,
    )
    flags.DEFINE_list(
        "seeds", ["0", "1", "2"], "Seeds, one for each face.", flag_values=values
    )
    flags.DEFINE_string(
        "group", "19-29", "Age group of the single faces.", flag_values=values
    )
    flags.DEFINE_float(
        "spread",
        1.0,
        "Factor of the latent vectors; below 1 faces are more alike, and cleaner.",
        lower_bound=0.0,
        upper_bound=2.0,
        flag_values=values,
    )


def whole_numbers(texts: list[str]) -> list[int]:
    """Returns --seeds, each once.

    Raises:
        app.UsageError: if one is no whole number.
    """
    if not texts or not all(text.strip().isdecimal() for text in texts):
        raise app.UsageError(f"--seeds={','.join(texts)}: expected whole numbers.")
    return list(dict.fromkeys(int(text) for text in texts))


def main(argv):
    """Writes the faces and says where."""
    values = flags.FLAGS
    seeds = whole_numbers(values.seeds)
    cli.run(config_values.find, values.checkpoint_dir)
    cli.run(folders.check_writable, values.save_dir, "save_dir")
    from ipcgan.runs.age import invent  # Slow: it imports the backend.

    paths = cli.run(
        invent.invent,
        values.checkpoint_dir,
        values.save_dir,
        seeds,
        values.group,
        values.spread,
    )
    cli.show(f"Wrote {len(paths)} files, {cli.printable(paths[-1])} the last.")


if __name__ == "__main__":
    cli.program(main, define_flags)
