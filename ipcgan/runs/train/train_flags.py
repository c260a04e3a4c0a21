"""The flags of age_lsgan_transfer.py: the authors' names, and what is new.

Those of recipes and network sizes follow from the fields of ipcgan.families.
"""

from absl import flags

from ipcgan import config
from ipcgan.age_groups import GROUPINGS
from ipcgan.families import FAMILIES, families_with
from ipcgan.runs import shared_flags
from ipcgan.runs.train import recipe_files

# The authors' --age_groups is a number: that of the groups tells which they are.
AGE_GROUPS = {
    **{name: name for name in GROUPINGS},
    **{str(len(groups)): name for name, groups in GROUPINGS.items()},
}
LEGACY_CHANNELS = 512  # of the logits of the authors' discriminator.
# Flags of the authors' programs that had no effect there and have none here.
WITHOUT_EFFECT = ("noise_dim", "feature_size", "model_index", "source_checkpoint_dir")


def define(values: flags.FlagValues, *, with_dry_run: bool = False) -> None:
    """Declares the flags of training.

    Args:
        values: where to declare them.
        with_dry_run: --devices too, and --dry_run, --help_recipe and --resume, which
            do without --checkpoint_dir.
    """
    default = config.TrainConfig()
    _define_what(default, values)
    shared_flags.define_data(default.data, values)
    shared_flags.define_run(
        default.run,
        values,
        about_batch_size=by_family({n: f.batch_size for n, f in FAMILIES.items()}),
        needs_folder=not with_dry_run,
    )
    values.set_default("batch_size", None)  # That of the family.
    if with_dry_run:
        _define_dry_run(values)
        _define_devices(values)
    for name in sorted({name for f in FAMILIES.values() for name in f.fields()}):
        _define_field(name, values)
    flags.DEFINE_bool(
        "legacy_discriminator",
        False,
        f"IPCGAN: the same as --logit_channels={LEGACY_CHANNELS}, the authors'.",
        flag_values=values,
    )
    _define_teachers(default, values)
    _define_samples(default.run, values)
    for name in WITHOUT_EFFECT:
        flags.DEFINE_string(
            name, None, "Without effect, as in the authors' code.", flag_values=values
        )


def _define_what(default, values):
    """Declares what to train: recipe, family, age groups, stage, first weights."""
    by_default = by_family({name: f.age_groups for name, f in FAMILIES.items()})
    flags.DEFINE_string(
        "recipe",
        None,
        "Recipe to train by: a name, a JSON file as --dry_run prints it, or a folder "
        "(of a training run, a checkpoint, or shipped weights); flags override it. By "
        "default the family's own numbers. "
        + " ".join(f"{name}: {text}" for name, text in recipe_files.shipped().items()),
        flag_values=values,
    )
    flags.DEFINE_enum(
        "family",
        default.family,
        list(FAMILIES),
        f"Model family to train: {', '.join(FAMILIES)}. With --recipe it is the "
        "recipe's.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "age_groups",
        None,
        list(AGE_GROUPS),
        f"Age groups, by name or number{by_default}. "
        + " ".join(f"{n}: {', '.join(g.names)}." for n, g in GROUPINGS.items()),
        flag_values=values,
    )
    flags.DEFINE_string(
        "stage",
        default.run.stage,
        "Last stage to train. Age-cGAN has gan (of --max_steps) and encoder (of "
        "--encoder_pairs), RAGAN early and late, IPCGAN adversarial; the last two have "
        "templates and prototypes before these, where they have steps. A stage that is "
        "named does not begin until all earlier stages are done.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "init_from",
        default.init_from,
        "Start from the networks of a training run's folder, a checkpoint or shipped "
        "weights, of the same family and sizes. checkpoints/ipcgan_128 has a "
        "generator alone.",
        flag_values=values,
    )


def _define_teachers(default, values):
    for name, text in (
        (
            "alexnet_pretrained_model",
            "Folder of the face AlexNet, whose features the identity loss compares.",
        ),
        (
            "age_pretrained_model",
            "Folder of a face network whose age head to use; by default the face "
            "AlexNet's own. Of a face ResNet all outputs are used: years, gender, "
            "descriptor.",
        ),
        (
            "blend_model",
            "Folder of the Re-Aging GAN that --blend_share is of: "
            "checkpoints/ragan_128. Its age groups may be others.",
        ),
    ):
        value = getattr(default, name)
        flags.DEFINE_string(name, value, text, flag_values=values)
    flags.DEFINE_enum(
        "identity_descriptor",
        default.identity_descriptor,
        config.IDENTITY_DESCRIPTORS,
        "Identity descriptor of the descriptor loss: that of DeepFace's recogniser "
        "Dlib, or the face network's imitation of it.",
        flag_values=values,
    )


def _define_samples(default, values):
    flags.DEFINE_string(
        "sample_dir",
        default.sample_dir,
        "Folder of the sample grids; by default samples/ in --checkpoint_dir.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "sample_interval",
        default.sample_interval,
        "Steps between sample grids.",
        lower_bound=1,
        flag_values=values,
    )


def _define_devices(values):
    flags.DEFINE_string(
        "devices",
        "1",
        "How many devices of this machine share each batch: a number, or all. Several "
        "machines train together as TF_CONFIG says, or with JAX "
        "KERAS_DISTRIBUTION_JOB_ADDRESSES, _NUM_PROCESSES and _PROCESS_ID, or Slurm.",
        flag_values=values,
    )
    flags.register_validator(
        "devices",
        lambda text: text == "all" or (text.isdecimal() and int(text) > 0),
        "expected a number of at least 1, or all.",
        flag_values=values,
    )


def _define_dry_run(values):
    flags.DEFINE_bool(
        "dry_run",
        False,
        "Print the recipe that the flags make, as JSON, and end. Folders and "
        "intervals are not part of it.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "help_recipe",
        None,
        list(FAMILIES),
        "Print every number of a family's recipe and networks, and end: "
        f"{', '.join(FAMILIES)}.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "resume",
        None,
        "Folder of a training run to resume as it was last started: its config.json "
        "gives every setting that no other flag overrides.",
        flag_values=values,
    )

    def needs_folder(given):
        return any(given.values())

    flags.register_multi_flags_validator(
        ["checkpoint_dir", "resume", "dry_run", "help_recipe"],
        needs_folder,
        "--checkpoint_dir must be given, or --resume or --dry_run.",
        flag_values=values,
    )


def by_family(defaults: dict) -> str:
    """Returns the end of a sentence: {family: default} in words."""
    found = (f"{default} ({family})" for family, default in defaults.items())
    return f"; by default {', '.join(found)}"


def _define_field(name, values):
    """Declares the flag of a recipe's or sizes' field; families may share its name."""
    found = {family: FAMILIES[family].fields()[name] for family in families_with(name)}
    first = next(iter(found.values()))
    if not first.metadata["has_flag"]:
        return
    text = " ".join(
        f"{field.metadata['help']} [{family}: {field.default}]"
        for family, field in found.items()
    )
    choices = first.metadata["choices"]
    if choices:
        flags.DEFINE_enum(name, None, choices, text, flag_values=values)
    elif first.type is bool:
        flags.DEFINE_bool(name, None, text, flag_values=values)
    else:
        define = flags.DEFINE_integer if first.type is int else flags.DEFINE_float
        define(name, None, text, lower_bound=0, flag_values=values)
