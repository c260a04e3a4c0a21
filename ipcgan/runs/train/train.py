"""Training of an ageing family, from a config."""

import dataclasses
from pathlib import Path
from typing import Any

import keras
import numpy as np
from absl import logging

from ipcgan import checkpoints, config, face_networks, families
from ipcgan.age_groups import GROUPINGS, AgeGroups
from ipcgan.data import pipeline, sources
from ipcgan.data.image_store import ImageStore
from ipcgan.inference import keras_engine
from ipcgan.runs.train import recipe_files
from ipcgan.runs.train.recorder import Recorder
from ipcgan.runs.train.sample_sheet import make_sampler
from ipcgan.training.phase import Stage
from ipcgan.training.precision import dtype_policy
from ipcgan.training.step import make_average
from ipcgan.training.trainer import train

ALL = "all"  # stages.
_AVERAGE = "generator_average"


@dataclasses.dataclass(frozen=True)
class Training:
    """What a training consists of.

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


def begin(settings: config.TrainConfig) -> Training:
    """Reads the faces' labels, builds the networks and reads those that teach.

    Raises:
        DataError: if the faces cannot be used.
        config.ConfigError: if the settings do not fit the family.
        checkpoints.CheckpointError: if a network that teaches, or that is begun with,
            cannot be used.
    """
    data, run = settings.data, settings.run
    family = families.FAMILIES[settings.family]
    groups = GROUPINGS[data.age_groups]
    sizes = config.from_json(
        family.sizes, {"num_groups": len(groups), **settings.sizes}
    )
    recipe = config.from_json(family.recipe, settings.recipe)
    stages = family.stages(recipe, run)
    _until(stages, run.stage)
    judged_by = family.judged_by(recipe)
    records = sources.read_split(
        data.dataset, data.root_folder, data.source_file, "train", groups
    )
    batches = pipeline.FaceBatches(
        ImageStore(records, sizes.image_size, int(data.memory_gigabytes * 2**30)),
        run.batch_size,
        run.seed,
        groups,
        group_years=_group_years(settings) if "age_years" in judged_by else None,
        **family.draws(sizes, recipe),
    )
    logging.info(
        "%d faces to train on: %s.",
        len(records),
        ", ".join(
            f"{len(positions)} of {name}"
            for name, positions in zip(groups.names, batches.groups, strict=True)
        ),
    )

    keras.utils.set_random_seed(run.seed)
    teachers = {}
    with dtype_policy(run.mixed_precision):
        networks = family.build_networks(sizes)
        if judged_by:
            teachers["alexnet"] = _read_judge(settings, sizes)
            _check_judge(teachers["alexnet"], judged_by, settings, len(groups))
        if family.reads_textures(sizes):
            folder = Path(settings.texture_model)
            teachers["textures"] = face_networks.read_textures(folder, sizes.image_size)
        average = family.build_generator(sizes)
    if settings.init_from:
        _begin_with(Path(settings.init_from), networks, settings.family, sizes)
    average.set_weights(networks["generator"].get_weights())
    return Training(sizes, recipe, groups, stages, batches, networks, average, teachers)


def train_family(settings: config.TrainConfig) -> int:
    """Trains, or goes on training, in settings.run.checkpoint_dir.

    Returns:
        The number of steps done in all; less than its stages have after an
        interruption.

    Raises:
        DataError: if the faces cannot be used.
        config.ConfigError: if the settings do not fit the family.
        checkpoints.CheckpointError: if what is in the folder is of another training, or
            the face AlexNet cannot be used.
    """
    run, parts = settings.run, begin(settings)
    faces = len(parts.batches.store.records)
    networks, stages = parts.networks, parts.stages
    wanted = _until(stages, run.stage)
    kept = {**networks, _AVERAGE: parts.average}
    recorder = Recorder(
        run,
        networks=kept,
        stages=stages,
        state={"seed": run.seed, "batch_size": run.batch_size, "faces": faces},
        config=_describe(settings, parts.groups),
        draw_sample=make_sampler(
            settings,
            parts.sizes,
            parts.groups,
            stages=stages,
            generator=parts.average,
            encoder=networks.get("encoder"),
        ),
    )
    start = recorder.resume()
    momentum = parts.recipe.average_momentum
    follow = _follower(networks["generator"], parts.average, stages, momentum)

    def after_step(done, terms, last):
        follow(done, terms)
        recorder(done, terms, last)

    everyone = {**kept, **parts.teachers}
    try:
        _check_ready(start, wanted, run.stage)
        return train(everyone, wanted, parts.batches, after_step, start)
    finally:
        recorder.close()


def steps_wanted(settings: config.TrainConfig) -> int:
    """Returns how many steps the settings ask for, those done before included."""
    family = families.FAMILIES[settings.family]
    recipe = config.from_json(family.recipe, settings.recipe)
    stages = family.stages(recipe, settings.run)
    return sum(stage.steps for stage in _until(stages, settings.run.stage))


def _begin_with(folder, networks, family, sizes):
    """Loads those networks that a checkpoint has: it may be shipped, or old.

    Raises:
        checkpoints.CheckpointError: if it has none, is of another family or of other
            sizes, or does not fit.
    """
    folder = checkpoints.newest(folder) or folder
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
    logging.info("Begun with %s of %s.", ", ".join(there), folder)


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


def _until(stages, name):
    """Returns the stages up to the one of this name."""
    names = [stage.name for stage in stages]
    if name == ALL:
        return stages
    if name not in names:
        raise config.ConfigError(
            f"--stage={name}: expected {ALL} or one of {', '.join(names)}."
        )
    return stages[: names.index(name) + 1]


def _check_ready(done, wanted, name):
    """A stage that was named itself does not begin before those before it ended."""
    before = sum(stage.steps for stage in wanted[:-1])
    if name != ALL and done < before:
        raise checkpoints.CheckpointError(
            f"--stage={name}: of the {before} steps before it {done} are done. Run "
            f"--stage={wanted[-2].name} or --stage={ALL} first, or take the networks "
            f"as they are with --max_steps={done}."
        )


def _follower(generator, average, stages, momentum):
    """Returns what moves the average after each step that trains the generator."""
    move = make_average(generator, average)
    moving = {p.name for s in stages for p in s.phases if "generator" in p.trained}

    def follow(done, terms):
        if not moving.isdisjoint(name.split("/")[0] for name in terms):
            # Early on it follows quickly, or it would remember the first weights.
            move(np.float32(min(momentum, (1.0 + done) / (10.0 + done))))

    return follow


def _group_years(settings):
    judge = settings.age_pretrained_model or settings.alexnet_pretrained_model
    return face_networks.read_group_years(Path(judge))


def _read_judge(settings, sizes):
    return face_networks.read_frozen(
        settings.alexnet_pretrained_model,
        settings.age_pretrained_model,
        sizes.image_size,
        settings.identity_descriptor,
    )


def _check_judge(alexnet, judged_by, settings, num_groups):
    for name, flag, task in (
        ("descriptor", "descriptor_loss_weight", "distill"),
        ("gender_logits", "gender_loss_weight", "gender"),
    ):
        if name in judged_by and name not in alexnet.output:
            raise checkpoints.CheckpointError(
                f"{settings.age_pretrained_model or settings.alexnet_pretrained_model}"
                f": this face network reads no {name}, which --{flag} needs: pretrain "
                f"it with --task={task}."
            )
    if "age_logits" in judged_by:
        known = alexnet.output["age_logits"].shape[-1]
        if known != num_groups:
            raise checkpoints.CheckpointError(
                f"{settings.alexnet_pretrained_model}: this face AlexNet tells {known} "
                f"age groups apart, and --age_groups={settings.data.age_groups} has "
                f"{num_groups}."
            )


def _describe(settings, groups):
    """Returns what config.json holds: enough to age a face, and to train again."""
    return {
        **recipe_files.describe(settings),
        "groups": list(groups.names),
        "run": dataclasses.asdict(settings.run),
        "data": dataclasses.asdict(settings.data),
        checkpoints.BEGUN_WITH: settings.init_from,
    }
