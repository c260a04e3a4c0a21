"""The flags of age_lsgan_transfer.py: the authors' names, and what is new."""

import dataclasses

from absl import app, flags, logging

from ipcgan import config
from ipcgan.age_groups import GROUPINGS
from ipcgan.models.sizes import SIZES
from ipcgan.objectives.recipes import DEFAULTS
from ipcgan.runs import shared_flags
from ipcgan.runs.train import recipe_files
from ipcgan.runs.train.recipe_help import RECIPE_HELP

# Flags of the authors' programs that had no effect there and have none here.
# The authors' --age_groups is a number: that of the groups tells which they are.
_GROUPINGS = {
    **{name: name for name in GROUPINGS},
    **{str(len(groups)): name for name, groups in GROUPINGS.items()},
}
_LEGACY_CHANNELS = 512  # of the logits of the authors' discriminator.
_WITHOUT_EFFECT = ("noise_dim", "feature_size", "model_index", "source_checkpoint_dir")


def define(values: flags.FlagValues, *, with_dry_run: bool = False) -> None:
    """Declares the flags of training.

    Args:
        values: where to declare them.
        with_dry_run: --dry_run too, which does without --checkpoint_dir.
    """
    default = config.TrainConfig()
    flags.DEFINE_string(
        "recipe",
        None,
        "What to train, and how; flags that are given come before it. A name, or a "
        "folder (of a training, whose newest checkpoint is read, a checkpoint, or "
        "shipped weights), or a JSON file as --dry_run prints it. By default the "
        "family's own numbers. "
        + " ".join(f"{name}: {text}" for name, text in recipe_files.shipped().items()),
        flag_values=values,
    )
    shared_flags.define_data(default.data, values)
    shared_flags.define_run(
        default.run,
        values,
        about_batch_size=_by_family("batch_size"),
        needs_folder=not with_dry_run,
    )
    values.set_default("batch_size", None)  # That of the family.
    if with_dry_run:
        _define_dry_run(values)
    flags.DEFINE_enum(
        "family",
        default.family,
        config.FAMILY_NAMES,
        "Which model family to train; with --recipe that of the recipe.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "stage",
        default.run.stage,
        "The last stage to train: gan or encoder for Age-cGAN, whose own steps are "
        "--max_steps and --encoder_pairs; early or late for RAGAN. A stage that is "
        "named does not begin before those before it have ended.",
        flag_values=values,
    )
    for name, text in RECIPE_HELP.items():
        _define_number(name, text, values)
    flags.DEFINE_bool(
        "horizontal_flip",
        None,
        "Mirror half of the faces.",
        flag_values=values,
    )
    flags.DEFINE_bool(
        "matched_targets",
        None,
        "Aid: the real face beside an aged one is of the gender of its source and, as "
        "far as there are enough, of the race.",
        flag_values=values,
    )
    flags.DEFINE_bool(
        "learning_rate_decay",
        None,
        "Let --learning_rate fall to a twentieth, as a cosine over the run. IPCGAN: an "
        "aid, off by default; the generator's first rises for 200 steps. RAGAN: on.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "fea_layer_name",
        None,
        config.FEATURE_LAYERS,
        "Layer of the face AlexNet whose features hold the identity; by default conv5.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "image_size",
        None,
        "Pixels of height and width of the faces. IPCGAN: a multiple of 4, by default "
        "128; Age-cGAN: of 16, by default 64; RAGAN: a power of two, by default 64, "
        "published 256.",
        lower_bound=4,
        upper_bound=1024,
        flag_values=values,
    )
    flags.DEFINE_enum(
        "age_groups",
        None,
        list(_GROUPINGS),
        "Age groups, by name or number. "
        + " ".join(f"{n}: {', '.join(g.names)}." for n, g in GROUPINGS.items())
        + _by_family("age_groups"),
        flag_values=values,
    )
    flags.DEFINE_enum(
        "face_mask",
        None,
        config.FACE_MASKS,
        "RAGAN: where the crops have the head that is aged; what is outside stays as "
        "it is. dlib, the default: an ellipse for crops as UTKFace's. ffhq: one for "
        "those of FFHQ. none: all of the picture is aged.",
        flag_values=values,
    )
    flags.DEFINE_bool(
        "legacy_discriminator",
        False,
        "The authors' 512-channel logits instead of a patch discriminator's one.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "discriminator",
        None,
        config.DISCRIMINATORS,
        "IPCGAN: what tells real faces from aged ones. patch, as published, sees the "
        "image. Aids: residual sees the image too, and has no batch normalization, for "
        "--gradient_penalty_weight; face_features sees layers of the face AlexNet; "
        "texture_features sees those of a network that knows no faces (SqueezeNet, "
        "--texture_model).",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "generator_output",
        None,
        config.GENERATOR_OUTPUTS,
        "image as published. Aid: change, by which the generator's output is added to "
        "its input: what does not age stays as sharp as it was, and no copying has to "
        "be learnt first.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "change_smoothing",
        None,
        "Of --generator_output=change: how often a filter of 3 pixels smooths the "
        "change. 4, much like a blur of 1.4 pixels, leaves no grid.",
        lower_bound=1,
        upper_bound=16,
        flag_values=values,
    )
    flags.DEFINE_enum(
        "upsampling",
        None,
        config.UPSAMPLINGS,
        "IPCGAN: how the generator doubles its maps. transposed: as published. Aid: "
        "bilinear, which writes no grid, and needs no --change_smoothing.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "residual_blocks",
        None,
        "IPCGAN: of the generator, by default 6, where three quarters of its time go.",
        lower_bound=1,
        upper_bound=64,
        flag_values=values,
    )
    for name, text in (
        ("generator_filters", "its last block (Age-cGAN) or first convolution (RAGAN)"),
        ("discriminator_filters", "its first block (Age-cGAN) or convolution (RAGAN)"),
    ):
        flags.DEFINE_integer(
            name,
            None,
            f"Filters of {text}; the other blocks have 2, 4 and 8 times as many. By "
            "default 64 (age_cgan), 32 (ragan); half of that takes about a third of "
            "the time.",
            lower_bound=1,
            upper_bound=512,
            flag_values=values,
        )
    for name, text in (
        ("alexnet_pretrained_model", "Folder of the face AlexNet: the identity term."),
        (
            "age_pretrained_model",
            "Folder of a face network whose age head to use instead; by default the "
            "same. Of a face ResNet all that it reads is used: years, gender, and the "
            "descriptor.",
        ),
        (
            "texture_model",
            "Folder of SqueezeNet's weights, for --discriminator=texture_features.",
        ),
        (
            "init_from",
            "A training's folder or checkpoint, or shipped weights, of the same family "
            "and sizes: a new training begins with those of its networks that are "
            "there (checkpoints/ipcgan_utkface_128: the generator).",
        ),
    ):
        value = getattr(default, name)
        flags.DEFINE_string(name, value, text, flag_values=values)
    flags.DEFINE_enum(
        "identity_descriptor",
        default.identity_descriptor,
        config.IDENTITY_DESCRIPTORS,
        "Of --descriptor_loss_weight: what the face network has learnt to say of a "
        "person, or what DeepFace's recogniser Dlib, which it imitates, says itself.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "sample_dir",
        default.run.sample_dir,
        "Folder of the sample grids; by default samples/ in --checkpoint_dir.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "sample_interval",
        default.run.sample_interval,
        "Steps between sample grids.",
        lower_bound=1,
        flag_values=values,
    )
    for name in _WITHOUT_EFFECT:
        flags.DEFINE_string(
            name, None, "Without effect, as in the authors' code.", flag_values=values
        )


def _define_dry_run(values):
    flags.DEFINE_bool(
        "dry_run",
        False,
        "Print the whole recipe that the flags make, as JSON, and end. Folders and "
        "intervals are not of it.",
        flag_values=values,
    )

    flags.DEFINE_string(
        "resume",
        None,
        "Folder of a training that goes on as it was started last: its config.json "
        "says all that other flags do not say anew.",
        flag_values=values,
    )

    def needs_folder(given):
        return any(given.values())

    flags.register_multi_flags_validator(
        ["checkpoint_dir", "dry_run", "resume"],
        needs_folder,
        "--checkpoint_dir must be given, or --resume or --dry_run.",
        flag_values=values,
    )


def _by_family(name):
    """Returns a sentence with the default of every family."""
    defaults = (f"{getattr(d, name)} ({family})" for family, d in DEFAULTS.items())
    return f" By default {', '.join(defaults)}."


def _define_number(name, text, values):
    """Declares a number of recipes; where these differ, with all their defaults."""
    kinds = {family: d.recipe for family, d in DEFAULTS.items()}
    found = {f: getattr(kind, name) for f, kind in kinds.items() if hasattr(kind, name)}
    value = next(iter(found.values()))
    define = flags.DEFINE_integer if isinstance(value, int) else flags.DEFINE_float
    if len(set(found.values())) > 1:
        named = (f"{number:g} ({family})" for family, number in found.items())
        text, value = f"{text} By default {', '.join(named)}.", None
    define(name, value, text, lower_bound=0, flag_values=values)


def _base(values):
    """Returns what the flags change: a recipe, or a family's own numbers.

    Raises:
        app.UsageError: for a recipe of another family than --family.
    """
    resume = "resume" in values and values.resume
    if resume:
        for name in ("recipe", "checkpoint_dir"):
            if values[name].present and values[name].value != resume:
                raise app.UsageError(
                    f"--{name}={values[name].value}: --resume={resume} says it already."
                )
        base, source = recipe_files.read_run(resume), f"--resume={resume}"
    elif values.recipe:
        base, source = recipe_files.read(values.recipe), f"--recipe={values.recipe}"
    else:
        return recipe_files.default(values.family)
    if values["family"].present and values.family != base.family:
        raise app.UsageError(f"--family={values.family}: {source} is of {base.family}.")
    return base


def _given(values, names):
    """Returns {name: value} of those flags that somebody gave."""
    return {name: values[name].value for name in names if values[name].present}


def _names(settings):
    return [field.name for field in dataclasses.fields(settings)]


def _recipe(values, base):
    """Returns the numbers of a training: as given by flags, else those of `base`.

    Raises:
        app.UsageError: for a flag of another family's recipe.
    """
    of_any = {f.name for d in DEFAULTS.values() for f in dataclasses.fields(d.recipe)}
    given = _given(values, sorted(of_any))
    for name in given:
        if name not in base.recipe:
            raise app.UsageError(f"--{name}: --family={base.family} has no such.")
    return {**base.recipe, **given}


def _sizes(values, base, age_groups):
    """Returns the networks' sizes: as given by flags, else those of `base`.

    Raises:
        app.UsageError: for a flag of another family's networks.
        config.ConfigError: if the sizes cannot be.
    """
    flag_of = {"logit_channels": "legacy_discriminator"}
    given = {}
    for name in sorted({name for d in DEFAULTS.values() for name in d.sizes}):
        flag = flag_of.get(name, name)
        if not values[flag].present:
            continue
        if name not in DEFAULTS[base.family].sizes:
            raise app.UsageError(f"--{flag}: --family={base.family} has no such.")
        given[name] = values[flag].value
    if "logit_channels" in given:
        given["logit_channels"] = _LEGACY_CHANNELS if given["logit_channels"] else 1
    sizes = {**base.sizes, **given, "num_groups": len(GROUPINGS[age_groups])}
    return dataclasses.asdict(config.from_json(SIZES[base.family], sizes))


def train_config(values: flags.FlagValues) -> config.TrainConfig:
    """Returns what the flags say, and the recipe where they do not.

    Warns of flags without effect.

    Raises:
        app.UsageError: for a flag that the family lacks.
        config.ConfigError: if the recipe cannot be read, or the sizes cannot be.
    """
    for name in _WITHOUT_EFFECT:
        if values[name].present:
            logging.warning("--%s has no effect, as in the authors' code.", name)
    base = _base(values)
    age_groups = base.data.age_groups
    if values["age_groups"].present:
        age_groups = _GROUPINGS[values.age_groups]
    return dataclasses.replace(
        base,
        data=dataclasses.replace(
            base.data,
            **{**_given(values, _names(base.data)), "age_groups": age_groups},
        ),
        run=dataclasses.replace(base.run, **_given(values, _names(base.run))),
        sizes=_sizes(values, base, age_groups),
        recipe=_recipe(values, base),
        **_given(values, ("init_from", *recipe_files.TEACHERS)),
    )
