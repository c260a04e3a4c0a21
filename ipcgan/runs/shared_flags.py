"""Flags that several programs share, and the configs that they become."""

from collections.abc import Sequence

from absl import app, flags

from ipcgan import config
from ipcgan.data import sources
from ipcgan.inference import mixing


def define_dataset(default: str, values: flags.FlagValues) -> None:
    """Declares --dataset."""
    flags.DEFINE_enum(
        "dataset",
        default,
        sorted(sources.READERS),
        f"How labels are read from --root_folder: {', '.join(sorted(sources.READERS))}"
        ". utkface: names like "
        "AGE_GENDER_RACE_DATE.jpg. cacd: names like AGE_Person_0001.jpg. "
        "all_age_faces: names like 00000A02.jpg, person and age. ffhq_aging: "
        "00000/00000.png and ffhq_aging_labels.csv, pruned as LATS does. fairface: "
        "train/1.jpg and fairface_label_train.csv, the same for val; a range of years "
        "such as 20-29 counts to the age group that has 80 % of it, else to none. "
        "folder: one folder per age group (such as 11-20, or 0). 90 % of the people "
        "(of the files, where people are not named) are trained on.",
        flag_values=values,
    )


def define_folder(
    default: config.DataConfig | config.EvaluateConfig, values: flags.FlagValues
) -> None:
    """Declares --dataset and --root_folder."""
    define_dataset(default.dataset, values)
    flags.DEFINE_string(
        "root_folder",
        default.root_folder,
        "Folder of the images; several, separated by commas, are one collection.",
        flag_values=values,
    )


def define_data(default: config.DataConfig, values: flags.FlagValues) -> None:
    """Declares the flags of a DataConfig."""
    define_folder(default, values)
    flags.DEFINE_string(
        "source_file",
        default.source_file,
        "List of the images to train on, `image label` per line, relative to "
        "--root_folder; label 0 is the youngest age group. Replaces --dataset.",
        flag_values=values,
    )
    flags.DEFINE_float(
        "memory_gigabytes",
        default.memory_gigabytes,
        "How much of the decoded faces to keep in memory; 20,000 faces of 128 pixels "
        "take 1.",
        lower_bound=0.0,
        flag_values=values,
    )


def data_config(values: flags.FlagValues, **others) -> config.DataConfig:
    """Returns what define_data's flags say; `others` are further fields."""
    return config.DataConfig(
        dataset=values.dataset,
        root_folder=values.root_folder,
        source_file=values.source_file,
        memory_gigabytes=values.memory_gigabytes,
        **others,
    )


def define_run(
    default: config.RunConfig,
    values: flags.FlagValues,
    about_batch_size: str = "",
    *,
    needs_folder: bool = True,
) -> None:
    """Declares the flags of a RunConfig, but sample_dir, which not all have.

    Args:
        default: their default values.
        values: where to declare them.
        about_batch_size: what else to say of --batch_size.
        needs_folder: --checkpoint_dir must be given.
    """
    flags.DEFINE_string(
        "checkpoint_dir",
        None,
        "Folder of this training run: config, log, curves, checkpoints. A run that is "
        "there already resumes from its newest checkpoint.",
        required=needs_folder,
        flag_values=values,
    )
    flags.DEFINE_integer(
        "max_steps",
        default.max_steps,
        "Steps in all, those done before included. 0, for Age-cGAN with --init_from: "
        "the encoder alone.",
        lower_bound=0,
        flag_values=values,
    )
    for name, text in (
        ("batch_size", f"Faces per step{about_batch_size}."),
        ("save_interval", "Steps between checkpoints."),
        ("log_interval", "Steps between log entries, which are means over them."),
        ("max_to_keep", "Checkpoints to keep; older ones are removed."),
        ("seed", "Seed of the networks' first weights and of all draws."),
    ):
        low, high = config.RUN_LIMITS.get(name, (1, None))
        flags.DEFINE_integer(
            name,
            getattr(default, name),
            text,
            lower_bound=low,
            upper_bound=high,
            flag_values=values,
        )
    flags.DEFINE_bool(
        "mixed_precision",
        default.mixed_precision,
        "Multiply in bfloat16: about twice as fast on processors that have it "
        "(AVX-512 BF16, AMX, recent GPUs); up to three times slower on others. By "
        "default a short measurement decides.",
        flag_values=values,
    )


def run_config(values: flags.FlagValues, **others) -> config.RunConfig:
    """Returns what define_run's flags say; `others` are further fields."""
    fields = {
        "checkpoint_dir": values.checkpoint_dir,
        "max_steps": values.max_steps,
        "batch_size": values.batch_size,
        "save_interval": values.save_interval,
        "log_interval": values.log_interval,
        "max_to_keep": values.max_to_keep,
        "seed": values.seed,
        "mixed_precision": values.mixed_precision,
    }
    return config.RunConfig(**{**fields, **others})


def define_inversion(values: flags.FlagValues) -> None:
    """Declares the flags of an InversionConfig."""
    default = config.InversionConfig()
    flags.DEFINE_enum(
        "inversion",
        default.method,
        config.INVERSIONS,
        "For a network that makes faces of latent vectors (Age-cGAN): how a face's "
        "vector is found. none: the encoder's guess z0. pixelwise, "
        "identity_preserving: a search from there, by pixels or by "
        "--identity_descriptor. extended: from there on, changes of the generator's "
        "maps too. Each shows those before it.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "steps",
        default.steps,
        "Largest number of steps of that search.",
        lower_bound=1,
        flag_values=values,
    )
    flags.DEFINE_enum(
        "inversion_optimizer",
        default.optimizer,
        config.INVERSION_OPTIMIZERS,
        "Optimizer of that search: L-BFGS-B, which never makes a face worse, or Adam.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "alexnet_pretrained_model",
        default.alexnet_pretrained_model,
        "Folder of the face network that predicts the age group of faces whose names "
        "do not tell it.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "gender_pretrained_model",
        default.gender_pretrained_model,
        "Folder of the face network that reads the gender which --inversion=extended "
        "keeps.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "identity_descriptor",
        default.identity_descriptor,
        config.IDENTITY_DESCRIPTORS,
        "Identity descriptor of that search: that of DeepFace's recogniser Dlib, or "
        "the imitation of it by --alexnet_pretrained_model.",
        flag_values=values,
    )
    flags.DEFINE_float(
        "pixel_weight",
        default.pixel_weight,
        "How much pixels count in the searches for the person, which keeps light and "
        "colours; 0 as published.",
        lower_bound=0.0,
        flag_values=values,
    )


def inversion_config(values: flags.FlagValues) -> config.InversionConfig:
    """Returns what define_inversion's flags say."""
    return config.InversionConfig(
        method=values.inversion,
        steps=values.steps,
        optimizer=values.inversion_optimizer,
        alexnet_pretrained_model=values.alexnet_pretrained_model,
        gender_pretrained_model=values.gender_pretrained_model,
        identity_descriptor=values.identity_descriptor,
        pixel_weight=values.pixel_weight,
    )


def whole_years(texts: Sequence[str]) -> tuple[int, ...]:
    """Returns what --ages says, each age once.

    Raises:
        app.UsageError: if one is no whole number that can be asked for.
    """
    ages = [int(text) if text.strip().isdecimal() else -1 for text in texts]
    if not all(mixing.YOUNGEST <= years <= mixing.OLDEST for years in ages):
        raise app.UsageError(
            f"--ages={','.join(texts)}: expected whole years from "
            f"{mixing.YOUNGEST} to {mixing.OLDEST}."
        )
    return tuple(dict.fromkeys(ages))
