"""Training of an ageing family, from a config."""

import dataclasses
from pathlib import Path

import keras
import numpy as np
from absl import logging

from ipcgan import age_groups, checkpoints, config, families, report
from ipcgan.data import images, pipeline, sources
from ipcgan.data.image_store import ImageStore
from ipcgan.inference.ager import age_faces
from ipcgan.runs import alexnets
from ipcgan.runs.precision import dtype_policy
from ipcgan.runs.recorder import Recorder
from ipcgan.training.step import make_average
from ipcgan.training.trainer import train

SAMPLE_FACES = 8


def train_family(settings: config.TrainConfig) -> int:
    """Trains, or goes on training, in settings.run.checkpoint_dir.

    Returns:
        The number of steps done in all; less than max_steps after an interruption.
    """
    data, run = settings.data, settings.run
    family = families.FAMILIES[settings.family]
    sizes = config.from_json(family.sizes, settings.sizes)
    recipe = config.from_json(family.recipe, settings.recipe)
    records = sources.read_split(
        data.dataset, data.root_folder, data.source_file, "train"
    )
    store = ImageStore(records, sizes.image_size, int(data.memory_gigabytes * 2**30))
    batches = pipeline.FaceBatches(
        store,
        run.batch_size,
        run.seed,
        recipe.own_group_share,
        _group_years(settings, recipe),
    )
    logging.info(
        "%d faces to train on: %s.",
        len(records),
        ", ".join(
            f"{len(positions)} of {name}"
            for name, positions in zip(age_groups.NAMES, batches.groups, strict=True)
        ),
    )

    keras.utils.set_random_seed(run.seed)
    with dtype_policy(run.mixed_precision):
        networks = family.build_networks(sizes)
        frozen = alexnets.read_frozen(
            settings.alexnet_pretrained_model,
            settings.age_pretrained_model,
            sizes.image_size,
        )
        average = family.build_generator(sizes)
    if recipe.descriptor_loss_weight and "descriptor" not in frozen.output:
        raise checkpoints.CheckpointError(
            f"{settings.alexnet_pretrained_model}: this face AlexNet imitates no "
            "recogniser's descriptor, which --descriptor_loss_weight needs: pretrain "
            "it with --task=distill."
        )
    average.set_weights(networks["generator"].get_weights())

    stages = family.stages(recipe, run.max_steps)
    recorder = Recorder(
        run,
        networks={**networks, "generator_average": average},
        stages=stages,
        state={"seed": run.seed, "batch_size": run.batch_size, "faces": len(records)},
        config=_describe(settings, sizes, recipe),
        draw_sample=_sampler(settings, sizes, average),
    )
    start = recorder.resume()
    move_average = make_average(networks["generator"], average)

    def after_step(done, terms, last):
        # Early on the average follows quickly, or it would remember the first weights.
        momentum = min(recipe.average_momentum, (1.0 + done) / (10.0 + done))
        move_average(np.float32(momentum))
        recorder(done, terms, last)

    networks["alexnet"] = frozen
    try:
        return train(networks, stages, batches, after_step, start)
    finally:
        recorder.close()


def _group_years(settings, recipe):
    if not recipe.years_loss_weight:
        return None
    judge = settings.age_pretrained_model or settings.alexnet_pretrained_model
    return alexnets.read_group_years(Path(judge))


def _describe(settings, sizes, recipe):
    """Returns what config.json holds: enough to age a face, and to train again."""
    return {
        "family": settings.family,
        "sizes": dataclasses.asdict(sizes),
        "groups": list(age_groups.NAMES),
        "recipe": dataclasses.asdict(recipe),
        "run": dataclasses.asdict(settings.run),
        "data": dataclasses.asdict(settings.data),
        "alexnet_pretrained_model": settings.alexnet_pretrained_model,
        "age_pretrained_model": settings.age_pretrained_model,
    }


def _sampler(settings, sizes, generator):
    """Returns a function that ages the same few faces and writes the picture."""
    data, run = settings.data, settings.run
    records = sources.read_split(
        data.dataset, data.root_folder, data.source_file, "validation"
    ) or sources.read_split(data.dataset, data.root_folder, data.source_file, "train")
    chosen = np.random.default_rng(run.seed).permutation(len(records))
    faces = []
    for position in chosen[: 4 * SAMPLE_FACES]:
        try:
            face = images.read_image(records[position].path)
        except images.ImageError as error:
            logging.warning("Not among the samples: %s", error)
            continue
        faces.append(images.resize(face, sizes.image_size))
    if not faces:
        logging.warning("No samples will be drawn.")
        return None
    faces = np.stack(faces[:SAMPLE_FACES])
    folder = Path(run.sample_dir or Path(run.checkpoint_dir) / "samples")
    folder.mkdir(parents=True, exist_ok=True)
    groups = tuple(range(sizes.num_groups))

    def draw(step):
        aged = age_faces(generator, faces, groups)
        rows = [[face, *row] for face, row in zip(faces, aged, strict=True)]
        sheet = report.contact_sheet(rows, ["input", *age_groups.NAMES])
        images.write_image(folder / f"{step:08d}.jpg", sheet)
        return sheet

    return draw
