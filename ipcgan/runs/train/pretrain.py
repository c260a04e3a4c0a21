"""Pretraining of a face network, from a config."""

import dataclasses
from pathlib import Path

import keras
import numpy as np
from absl import logging

from ipcgan import config, face_networks
from ipcgan.data import labelled_batches, sources
from ipcgan.data.aged_files import read_aged_folder
from ipcgan.data.image_store import ImageStore
from ipcgan.data.records import DataError, Record
from ipcgan.evaluation.face_network import evaluate
from ipcgan.models import alexnet as alexnet_models
from ipcgan.objectives import face_network
from ipcgan.runs.train.descriptor_cache import describe
from ipcgan.runs.train.recorder import Recorder
from ipcgan.training.interruption import Interruption
from ipcgan.training.phase import Stage
from ipcgan.training.precision import dtype_policy
from ipcgan.training.trainer import train

FINAL = "final"  # folder of the finished network, in the run's folder.
_CACHE = "descriptors.npz"  # of the data set's faces.
_AGED_CACHE = "aged_descriptors.npz"


def pretrain(
    settings: config.PretrainConfig, interruption: Interruption | None = None
) -> dict | None:
    """Trains, measures and writes the face network.

    Args:
        settings: of the training run.
        interruption: as for trainer.train.

    Returns:
        What was measured on the validation split; None if interrupted before the end.
    """
    data, run = settings.data, settings.run
    faces = _read(settings)
    keras.utils.set_random_seed(run.seed)
    with dtype_policy(run.mixed_precision):
        network, sizes = _network(settings, faces)
    stages = [Stage("pretraining", run.max_steps, (_phase(settings),))]
    notes = {"pretraining": dataclasses.asdict(settings)}
    recorder = Recorder(
        run,
        networks={"face_network": network},
        stages=stages,
        state={"seed": run.seed, "faces": len(faces.records)},
        config={"sizes": dataclasses.asdict(sizes), **notes},
    )
    start = recorder.resume()
    try:
        networks = {"face_network": network}
        done = train(networks, stages, faces.batches, recorder, start, interruption)
    finally:
        recorder.close()
    if done < run.max_steps:
        return None

    validation = sources.read_split(
        data.dataset, data.root_folder, data.source_file, "validation"
    )
    if len(validation) < 2:  # A list file has none: say how well it knows its faces.
        logging.warning("No validation faces: measured on training faces.")
        validation = faces.records[:1000]
    measured = evaluate(network, validation, settings.image_size)
    folder = Path(run.checkpoint_dir) / FINAL
    face_networks.write(network, sizes, folder, {**notes, "validation": measured})
    logging.info("Wrote %s: %s", folder, measured)
    return measured


@dataclasses.dataclass(frozen=True)
class _Faces:
    """What the network learns of."""

    records: list[Record]
    num_people: int
    descriptor_size: int
    batches: labelled_batches.LabelledBatches


def _read(settings):
    """Reads the labels, and describes the faces where descriptors are learnt."""
    data, run = settings.data, settings.run
    records = sources.read_split(
        data.dataset, data.root_folder, data.source_file, "train"
    )
    people = sorted({r.identity for r in records if r.identity})
    _check(settings, records, people)
    numbers = {name: number for number, name in enumerate(people)}
    person = [numbers[r.identity] for r in records] if people else None
    descriptor, aged, aged_descriptor = None, None, None
    if "distill" in settings.tasks:
        records, known, descriptor = describe(settings, records, _CACHE)
        person = None if person is None else np.array(person)[known]
    memory = int(data.memory_gigabytes * 2**30)
    if settings.aged_dir:
        memory //= 2
        aged, aged_descriptor = _read_aged(settings, memory)
    batches = labelled_batches.LabelledBatches(
        ImageStore(records, settings.image_size, memory),
        run.batch_size,
        run.seed,
        person=person,
        descriptor=descriptor,
        attack_radius=settings.attack_radius,
        aged=aged,
        aged_descriptor=aged_descriptor,
        aged_share=settings.aged_share,
    )
    size = 0 if descriptor is None else descriptor.shape[1]
    return _Faces(records, len(people), size, batches)


def _read_aged(settings, memory):
    """Returns (store of aged faces, their descriptors)."""
    of_sources = read_aged_folder(Path(settings.aged_dir)).values()
    aged = [Record(path, None) for faces in of_sources for path in faces.values()]
    aged, _, descriptor = describe(settings, aged, _AGED_CACHE)
    if not aged:
        raise DataError(f"--aged_dir={settings.aged_dir}: no readable face.")
    return ImageStore(aged, settings.image_size, memory), descriptor


def _phase(settings):
    rate = keras.optimizers.schedules.CosineDecay(
        0.05 * settings.learning_rate,
        settings.run.max_steps,
        warmup_target=settings.learning_rate,
        warmup_steps=min(200, settings.run.max_steps // 4),
        alpha=0.01,
    )
    return face_network.phase(
        face_network.FaceNetworkWeights.of_tasks(settings.tasks),
        keras.optimizers.Adam(rate, global_clipnorm=5.0),
    )


def _check(settings, records, people):
    """Refuses what the asked tasks cannot be learnt from."""
    dataset = settings.data.dataset
    if "identity" in settings.tasks and not people:
        raise DataError(
            f"--task=identity needs faces with names; --dataset={dataset} has "
            "none: use --task=distill."
        )
    if "years" in settings.tasks and any(r.age is None for r in records):
        raise DataError(
            "--task=years needs the age of every face; a list file, a folder per "
            "group or a range of years does not tell it."
        )
    if "gender" in settings.tasks and any(r.gender is None for r in records):
        raise DataError(
            f"--task=gender needs the gender of every face, which "
            f"--dataset={dataset} does not tell."
        )
    cache = Path(settings.descriptor_cache)
    if settings.descriptor_cache and cache.exists() and not cache.is_dir():
        raise config.ConfigError(f"--descriptor_cache={cache}: expected a folder.")
    if settings.aged_dir and "distill" not in settings.tasks:
        raise config.ConfigError(
            "--aged_dir: of aged faces only descriptors are learnt; add --task=distill."
        )


def _network(settings, faces):
    common = {
        "image_size": settings.image_size,
        "num_people": faces.num_people if "identity" in settings.tasks else 0,
        "descriptor_size": faces.descriptor_size,
        "reads_years": "years" in settings.tasks,
        "reads_gender": "gender" in settings.tasks,
        "dropout": settings.dropout,
    }
    kind = face_networks.KINDS[settings.network]
    if kind.sizes is alexnet_models.AlexNetSizes:
        common["fully_connected"] = settings.fully_connected
        common["pixel_scale"] = 1 / 64
    else:
        common["trunk_size"] = settings.image_size
    sizes = kind.sizes(**common)
    network = kind.build(sizes)
    if settings.init_from:
        other, _ = face_networks.read(
            Path(settings.init_from),
            image_size=settings.image_size,
            kind=settings.network,
        )
        _copy_layers(other, network)
    if settings.freeze_trunk:
        for layer in network.layers:
            if isinstance(layer, keras.layers.Conv2D):
                layer.trainable = False
    return network, sizes


def _copy_layers(source, target):
    """Copies the weights of every layer that both have in the same shapes."""
    shapes = {x.name: [w.shape for w in x.weights] for x in source.layers}
    for layer in target.layers:
        if layer.weights and shapes.get(layer.name) == [w.shape for w in layer.weights]:
            layer.set_weights(source.get_layer(layer.name).get_weights())
