r"""Converts the checkpoints of the IPCGAN authors' TensorFlow 1 release.

Either their ageing network:
  python tools/import_release.py --generator_checkpoint=PATH/acgan.model-399999 \
    --save_dir=checkpoints/ipcgan_release
or their face AlexNet with its age head:
  python tools/import_release.py --alexnet_checkpoint=PATH/alexnet.model-292000 \
    --age_checkpoint=PATH/age_classifier.model-300000 \
    --save_dir=checkpoints/face_alexnet_release

Age faces with the former by
  python test.py --checkpoint_dir=checkpoints/ipcgan_release --train_data_dir=FACES
where FACES holds 31 training faces: the authors' batch normalization uses the
statistics of the batch, so a face's result depends on its companions. Without
--train_data_dir the moving statistics are used.
"""

from absl import app, flags

from ipcgan.runs import cli
from ipcgan.runs.weights import checks


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    flags.DEFINE_string(
        "generator_checkpoint",
        "",
        "The ageing network: path of acgan.model-STEP without .index or .data. Its "
        "discriminator is written too, if it is there.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "alexnet_checkpoint",
        "",
        "The identity network: path of alexnet.model-STEP; needs --age_checkpoint.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "age_checkpoint",
        "",
        "The age head (variables age_*): path of age_classifier.model-STEP; the same "
        "as --alexnet_checkpoint if that file holds both.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "save_dir",
        None,
        "Folder to write; must be new or empty.",
        required=True,
        flag_values=values,
    )


def check_flags(values: flags.FlagValues) -> None:
    """Raises app.UsageError unless the flags name one network, and all of it."""
    if bool(values.alexnet_checkpoint) != bool(values.age_checkpoint):
        raise app.UsageError("--alexnet_checkpoint and --age_checkpoint go together.")
    if bool(values.generator_checkpoint) == bool(values.alexnet_checkpoint):
        raise app.UsageError(
            "Give either --generator_checkpoint or --alexnet_checkpoint with "
            "--age_checkpoint; each goes into a folder of its own."
        )


def main(argv):
    """Hands the flags to the import."""
    values = flags.FLAGS
    check_flags(values)
    for name in ("generator_checkpoint", "alexnet_checkpoint", "age_checkpoint"):
        if values[name].value:
            cli.run(checks.check_release, values[name].value)
    cli.run(checks.check_new, values.save_dir)
    from ipcgan.runs.weights import import_release  # Slow: it imports the backend.

    if values.generator_checkpoint:
        cli.run(
            import_release.import_generator,
            values.generator_checkpoint,
            values.save_dir,
        )
    else:
        cli.run(
            import_release.import_alexnet,
            values.alexnet_checkpoint,
            values.age_checkpoint,
            values.save_dir,
        )


if __name__ == "__main__":
    cli.program(main, define_flags)
