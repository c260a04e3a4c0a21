"""Measures how latent vectors say gender, so that ageing by Age-cGAN keeps it."""

from absl import flags

from ipcgan import config
from ipcgan.inference import config_values
from ipcgan.runs import cli, folders


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    flags.DEFINE_string(
        "checkpoint_dir",
        "checkpoints/age_cgan_64",
        "Folder of an Age-cGAN; it gets gender_directions.npz.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "gender_pretrained_model",
        config.InversionConfig.gender_pretrained_model,
        "Folder of the face network that reads gender and years.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "num_faces",
        3000,
        "Faces to draw of each age group.",
        lower_bound=500,
        flag_values=values,
    )


def main(argv):
    """Writes the directions, and prints how well they fit."""
    values = flags.FLAGS
    cli.run(config_values.find, values.checkpoint_dir)
    cli.run(
        folders.check_there, values.gender_pretrained_model, "gender_pretrained_model"
    )
    from ipcgan.runs.weights import measure_gender  # Slow: it imports Keras.

    lines = cli.run(
        measure_gender.measure,
        values.checkpoint_dir,
        values.gender_pretrained_model,
        values.num_faces,
    )
    cli.show("\n".join(lines))


if __name__ == "__main__":
    cli.program(main, define_flags)
