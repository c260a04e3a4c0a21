"""Builds everything that a training run needs, from a config."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
from absl import logging

from ipcgan import checkpoints, config, face_networks, families, photos
from ipcgan.age_groups import GROUPINGS, AgeGroups, with_names
from ipcgan.data import pipeline, sources
from ipcgan.data.image_store import ImageStore
from ipcgan.data.prototypes import Prototypes
from ipcgan.data.records import by_group
from ipcgan.inference import config_values, keras_engine
from ipcgan.models import blended, templates
from ipcgan.runs.train import age_head
from ipcgan.runs.train.checks import ALL
from ipcgan.training.devices import ONE_DEVICE, Devices
from ipcgan.training.phase import Stage
from ipcgan.training.precision import dtype_policy


@dataclasses.dataclass(frozen=True)
class Training:
    """What a training run consists of.

    Attributes:
        sizes: of the networks, of the family's dataclass.
        recipe: of the family's dataclass.
        groups: age groups.
        stages: what is done, in order.
        batches: step -> batch.
        networks: {name: network}, all that is trained.
        average: the generator's moving average.
        teachers: {name: network}, all that is frozen.
    """

    sizes: Any
    recipe: Any
    groups: AgeGroups
    stages: list[Stage]
    batches: pipeline.FaceBatches
    networks: dict[str, keras.Model]
    average: keras.Model
    teachers: dict[str, keras.Model]


def begin(settings: config.TrainConfig, devices: Devices = ONE_DEVICE) -> Training:
    """Reads the faces' labels, builds the networks and reads the teachers.

    Args:
        settings: of the training run.
        devices: that get the networks; the batches are this process' share.

    Raises:
        DataError: if the faces cannot be used.
        config.ConfigError: if the settings do not fit the family.
        checkpoints.CheckpointError: if a teacher, or a network to start from, cannot be
            used.
    """
    data, run = settings.data, settings.run
    family = families.FAMILIES[settings.family]
    code = family.implementation
    groups = GROUPINGS[data.age_groups]
    sizes = config.from_json(
        family.sizes, {"num_groups": len(groups), **settings.sizes}
    )
    recipe = config.from_json(family.recipe, settings.recipe)
    if getattr(recipe, "template_steps", 0) and not sizes.templates:
        raise config.ConfigError(
            f"template_steps ({recipe.template_steps}) need --templates above 0."
        )
    with devices.scope():
        stages = code.stages(recipe, run)
    stages_until(stages, run.stage)  # Before anything is read.
    outputs = code.teacher_outputs(recipe)
    records = sources.read_split(
        data.dataset, data.root_folder, data.source_file, "train", groups
    )
    logging.info(
        "%d faces to train on: %s.",
        len(records),
        ", ".join(
            f"{len(positions)} of {name}"
            for name, positions in zip(
                groups.names, by_group(records, groups), strict=True
            )
        ),
    )
    store = ImageStore(records, sizes.image_size, int(data.memory_gigabytes * 2**30))
    keras.utils.set_random_seed(run.seed)
    teachers = {}
    with devices.scope(), dtype_policy(run.mixed_precision):
        networks = code.build_networks(sizes)
        if outputs:
            teachers["alexnet"] = _read_teacher(settings, sizes)
            _check_teacher(teachers["alexnet"], outputs, settings, len(groups))
        average = code.build_generator(sizes)
    for network in (*networks.values(), average):
        devices.synchronize(network)
    if settings.init_from:
        _begin_with(Path(settings.init_from), networks, settings.family, sizes)
    else:
        if getattr(sizes, "templates", 0):
            _read_reader(networks["generator"], settings)
        if getattr(sizes, "blend_share", 0.0):
            _read_blended(networks["generator"], settings, sizes, store, groups)
    average.set_weights(networks["generator"].get_weights())
    # Last: prototypes take minutes, and nothing above may fail after them.
    draws = code.draws(sizes, recipe)
    strength = draws.pop("prototype_strength", 0.0)
    batches = pipeline.FaceBatches(
        store,
        run.batch_size,
        run.seed,
        groups,
        group_years=_group_years(settings) if "age_years" in outputs else None,
        prototypes=(
            Prototypes(store, strength, photos.landmark_finder(), groups, run.seed)
            if strength
            else None
        ),
        share=devices.share(run.batch_size),
        **draws,
    )
    return Training(sizes, recipe, groups, stages, batches, networks, average, teachers)


def stages_until(stages: Sequence[Stage], name: str) -> Sequence[Stage]:
    """Returns the stages up to the one of this name; of ALL all.

    Raises:
        config.ConfigError: if there is no such stage.
    """
    names = [stage.name for stage in stages]
    if name == ALL:
        return stages
    if name not in names:
        raise config.ConfigError(
            f"--stage={name}: expected {ALL} or one of {', '.join(names)}."
        )
    return stages[: names.index(name) + 1]


def _begin_with(folder, networks, family, sizes):
    """Loads those networks that a checkpoint has: it may be shipped, or old.

    Raises:
        checkpoints.CheckpointError: if it has none, is of another family or of other
            sizes, or does not fit.
    """
    folder = checkpoints.resolve(folder)
    values = checkpoints.read_json(folder / checkpoints.CONFIG)
    found = values.get("family")
    if found != family:
        raise checkpoints.CheckpointError(
            f"--init_from={folder}: of the family {found!r}, expected {family!r}."
        )
    names = {name: name for name in networks}
    names["generator"] = keras_engine.weights_name(folder)
    there = {n: s for n, s in names.items() if (folder / f"{s}.weights.h5").is_file()}
    if not there:
        raise checkpoints.CheckpointError(f"--init_from={folder}: no weights.")
    _refuse_other_sizes(folder, values.get("sizes", {}), sizes, there)
    for name, stored in there.items():
        checkpoints.load_weights(networks[name], folder, stored)
    logging.info("Started from %s of %s.", ", ".join(there), folder)


# Sizes of the discriminator alone, and one at which any weights of a network of
# convolutions work.
_OF_DISCRIMINATOR = ("discriminator", "logit_channels")
_ANY_FITS = ("image_size",)


def _refuse_other_sizes(folder, before, sizes, loaded):
    """Weights of other sizes may fit, and then mean something else."""
    ignored = _ANY_FITS if "discriminator" in loaded else _ANY_FITS + _OF_DISCRIMINATOR
    changed = [
        f"--{name} is {now}, there {before[name]}"
        for name, now in dataclasses.asdict(sizes).items()
        if name in before and before[name] != now and not name.startswith(ignored)
    ]
    if changed:
        raise checkpoints.CheckpointError(
            f"--init_from={folder}: its networks are of other sizes: "
            f"{'; '.join(changed)}. Give the sizes that are there."
        )


def _read_reader(generator, settings):
    if not settings.age_pretrained_model:
        raise config.ConfigError(
            "--templates needs a face ResNet, which reads the faces: "
            "--age_pretrained_model=checkpoints/face_resnet."
        )
    face_networks.load_reader(
        templates.reader_of(generator), settings.age_pretrained_model
    )


def _read_blended(generator, settings, sizes, store, groups):
    """Gives a generator the frozen Re-Aging GAN of --blend_model.

    That of a Re-Aging GAN that is blended itself is the one within it.
    """
    if not settings.blend_model:
        raise config.ConfigError(
            "--blend_share needs a Re-Aging GAN: --blend_model=checkpoints/ragan_128."
        )
    folder = config_values.find(settings.blend_model)
    path = folder / checkpoints.CONFIG
    values = checkpoints.read_json(path)
    others = with_names(config_values.group_names(values, path))
    found = {"family": values.get("family"), **_sizes_within(values)}
    expected = {"family": "ragan", **dataclasses.asdict(sizes.blended())}
    del expected["num_groups"]
    changed = [
        f"{name} is {found.get(name, value)!r}, expected {value!r}"
        for name, value in expected.items()
        if found.get(name, value) != value
    ]
    if changed or others is None:
        raise checkpoints.CheckpointError(
            f"--blend_model={folder}: {'; '.join(changed) or 'unknown age groups'}."
        )
    try:
        shares = others.shares(groups)
    except ValueError as error:
        raise config.ConfigError(f"--blend_model={folder}: {error}.") from error
    network = keras_engine.read_generator(folder, values)
    reader = templates.reader_of(generator)
    ages = age_head.fit(reader, store, groups, settings.run.seed)
    blended.load(generator, blended.within(network), shares, ages)


def _sizes_within(values):
    """Returns the sizes of the Re-Aging GAN in a checkpoint without its templates."""
    found = values.get("sizes", {})
    if values.get("family") == "ragan" and found.get("blend_share"):
        sizes = config.from_json(families.FAMILIES["ragan"].sizes, found)
        return dataclasses.asdict(sizes.blended())
    return found


def _group_years(settings):
    return face_networks.read_group_years(Path(_age_teacher(settings)))


def _age_teacher(settings):
    return settings.age_pretrained_model or settings.alexnet_pretrained_model


def _read_teacher(settings, sizes):
    return face_networks.read_frozen(
        settings.alexnet_pretrained_model,
        settings.age_pretrained_model,
        sizes.image_size,
        settings.identity_descriptor,
    )


# Which task of a face network's pretraining teaches it an output.
_TASKS = {
    "age_logits": "age",
    "age_years": "years",
    "descriptor": "distill",
    "gender_logits": "gender",
}


def _check_teacher(alexnet, outputs, settings, num_groups):
    """Raises CheckpointError where the teacher lacks an output that a term reads."""
    for output, flag in outputs.items():
        if output not in alexnet.output:
            task = _TASKS.get(output)
            how = f": pretrain it with --task={task}" if task else ""
            raise checkpoints.CheckpointError(
                f"{_age_teacher(settings)}: this face network reads no {output}, which "
                f"--{flag} needs{how}."
            )
    if "age_logits" in outputs:
        known = alexnet.output["age_logits"].shape[-1]
        if known != num_groups:
            raise checkpoints.CheckpointError(
                f"{settings.alexnet_pretrained_model}: this face AlexNet tells {known} "
                f"age groups apart, and --age_groups={settings.data.age_groups} has "
                f"{num_groups}."
            )
