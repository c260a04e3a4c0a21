"""Pretraining of a face network, from a config."""

import dataclasses
from pathlib import Path

import keras
import numpy as np
from absl import logging
from tqdm import tqdm

from ipcgan import config, face_networks
from ipcgan.age_groups import CACD
from ipcgan.data import augmentation, images, labelled_batches, sources
from ipcgan.data.aged_files import read_aged_folder
from ipcgan.data.image_store import ImageStore
from ipcgan.data.records import GENDERS, DataError, Record
from ipcgan.evaluation import identity, teacher
from ipcgan.models import alexnet as alexnet_models
from ipcgan.objectives import face_network
from ipcgan.runs.train.recorder import Recorder
from ipcgan.training.phase import Stage
from ipcgan.training.precision import dtype_policy
from ipcgan.training.trainer import train

FINAL = "final"  # folder of the finished network, in the run's folder.
_CACHE = "descriptors.npz"  # of the data set's faces.
_AGED_CACHE = "aged_descriptors.npz"
PAIRS = 256  # faces by which people are told apart.


def pretrain(settings: config.PretrainConfig) -> dict | None:
    """Trains, measures and writes the face network.

    Returns:
        What was measured on the validation split; None if interrupted before the end.
    """
    data, run = settings.data, settings.run
    records = sources.read_split(
        data.dataset, data.root_folder, data.source_file, "train"
    )
    people = sorted({r.identity for r in records if r.identity})
    _check(settings, records, people)
    numbers: dict[str | None, int] = {name: i for i, name in enumerate(people)}
    person = [numbers[r.identity] for r in records] if people else None
    descriptor, store_of_aged, aged_descriptor = None, None, None
    if "distill" in settings.tasks:
        described, known, descriptor = _described(settings, records, _CACHE)
        person = None if person is None else np.array(person)[known]
        records = described
    memory = int(data.memory_gigabytes * 2**30)
    if settings.aged_dir:
        of_sources = read_aged_folder(Path(settings.aged_dir)).values()
        aged = [Record(path, None) for faces in of_sources for path in faces.values()]
        aged, _, aged_descriptor = _described(settings, aged, _AGED_CACHE)
        if not aged:
            raise DataError(f"--aged_dir={settings.aged_dir}: no readable face.")
        memory //= 2
        store_of_aged = ImageStore(aged, settings.image_size, memory)

    store = ImageStore(records, settings.image_size, memory)
    batches = labelled_batches.LabelledBatches(
        store,
        run.batch_size,
        run.seed,
        person=person,
        descriptor=descriptor,
        attack_radius=settings.attack_radius,
        aged=store_of_aged,
        aged_descriptor=aged_descriptor,
        aged_share=settings.aged_share,
    )
    keras.utils.set_random_seed(run.seed)
    with dtype_policy(run.mixed_precision):
        network, sizes = _network(settings, len(people), descriptor)
    rate = keras.optimizers.schedules.CosineDecay(
        0.05 * settings.learning_rate,
        run.max_steps,
        warmup_target=settings.learning_rate,
        warmup_steps=min(200, run.max_steps // 4),
        alpha=0.01,
    )
    phase = face_network.phase(
        face_network.FaceNetworkWeights.of_tasks(settings.tasks),
        keras.optimizers.Adam(rate, global_clipnorm=5.0),
    )
    stages = [Stage("pretraining", run.max_steps, (phase,))]
    notes = {"pretraining": dataclasses.asdict(settings)}
    recorder = Recorder(
        run,
        networks={"face_network": network},
        stages=stages,
        state={"seed": run.seed, "faces": len(records)},
        config={"sizes": dataclasses.asdict(sizes), **notes},
    )
    start = recorder.resume()
    try:
        done = train({"face_network": network}, stages, batches, recorder, start)
    finally:
        recorder.close()
    if done < run.max_steps:
        return None

    validation = sources.read_split(
        data.dataset, data.root_folder, data.source_file, "validation"
    )
    if len(validation) < 2:  # A list file has none: say how well it knows its faces.
        logging.warning("No validation faces: measured on training faces.")
        validation = records[:1000]
    measured = measure(network, validation, settings.image_size)
    folder = Path(run.checkpoint_dir) / FINAL
    face_networks.write(network, sizes, folder, {**notes, "validation": measured})
    logging.info("Wrote %s: %s", folder, measured)
    return measured


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


def _network(settings, num_people, descriptor):
    common = {
        "image_size": settings.image_size,
        "num_people": num_people if "identity" in settings.tasks else 0,
        "descriptor_size": 0 if descriptor is None else descriptor.shape[1],
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


def _described(settings, records, name):
    """Returns the records that a recogniser can describe, which, and [n, 128]."""
    rows = _descriptors(settings, records, name)
    known = np.isfinite(rows).all(axis=1)
    kept = [r for r, is_known in zip(records, known, strict=True) if is_known]
    return kept, known, rows[known]


def _descriptors(settings, records: list[Record], name: str) -> np.ndarray:
    """Returns the recogniser's [N, 128] descriptors, from the cache where it fits."""
    cache = Path(settings.descriptor_cache or settings.run.checkpoint_dir) / name
    names = np.array([str(r.path.name) for r in records])
    known = {}
    if cache.exists():
        with np.load(cache, allow_pickle=False) as arrays:
            known = dict(zip(arrays["names"], arrays["descriptors"], strict=True))
    missing = [r for r in records if r.path.name not in known]
    if missing:
        recogniser = identity.DlibRecogniser(cache.parent / "deepface")
        for record in tqdm(missing, desc="describing faces", unit="face"):
            rows = identity.describe_files(recogniser, [record.path])
            known[record.path.name] = rows[0]
        cache.parent.mkdir(parents=True, exist_ok=True)
        partial = cache.with_name(f".{cache.name}.partial.npz")
        np.savez(
            partial,
            names=np.array(list(known)),
            descriptors=np.array(list(known.values())),
        )
        partial.replace(cache)
    return np.stack([known[name] for name in names])


def measure(network: keras.Model, records: list[Record], image_size: int) -> dict:
    """Measures the network on faces, and sets its stored feature scales.

    Returns:
        What evaluation.teacher says of the age head, and of verification: each face
        against the same picture in other colours, light, sharpness and framing.
    """
    faces, measured = [], []
    for record in records:
        try:
            face = images.read_image(record.path)
        except images.ImageError as error:
            logging.warning("Not measured: %s", error)
            continue
        faces.append(images.resize(face, image_size))
        measured.append(record)
    random = np.random.default_rng(0)
    order = random.permutation(len(faces))
    faces, measured = [faces[i] for i in order], [measured[i] for i in order]
    outputs = _outputs(network, faces)
    if network.name == "alexnet":
        _set_feature_scales(network, outputs)

    groups = np.array([record.group for record in measured])
    result = teacher.age_head(outputs["age_logits"], groups)
    if "age_years" in outputs:
        ages = np.array([record.age for record in measured])
        result[face_networks.YEARS], result["years_error"] = teacher.years(
            outputs["age_years"], ages, groups, len(CACD.names)
        )
    if "gender_logits" in outputs:
        genders = [GENDERS.index(record.gender) for record in measured]
        right = outputs["gender_logits"].argmax(axis=1) == np.array(genders)
        result["gender_exact"] = float(right.mean())
    changed = [augmentation.age_preserving(face, random) for face in faces[:PAIRS]]
    changed = _outputs(network, changed)
    layer = "descriptor" if "descriptor" in outputs else "fc7"
    for name in (layer, "conv5"):
        if name not in outputs:
            continue
        features = [x[name].reshape(len(x[name]), -1) for x in (outputs, changed)]
        count = min(len(x) for x in features)
        pair = (x[:count].astype(np.float32) for x in features)
        result[f"verification_by_{name}"] = teacher.verification(*pair)
    return result


def _outputs(network, faces):
    """Returns what is measured of all faces, features (which are large) of PAIRS."""
    parts = {}
    for start in tqdm(range(0, len(faces), 64), desc="measuring", unit="batch"):
        batch = images.to_unit_range(np.stack(faces[start : start + 64]))
        for name, value in network.predict_on_batch(batch).items():
            if name not in config.FEATURE_LAYERS or start < PAIRS:
                parts.setdefault(name, []).append(value)
    return {name: np.concatenate(arrays) for name, arrays in parts.items()}


# The identity term that two random people shall have, as large as the age term of a
# generator that does nothing: 30 * ln 5. With the published weight, 0.5e-4, that is
# a squared feature distance of 966,000.
STRANGERS_TERM = 30.0 * np.log(5.0)
PUBLISHED_FEATURE_WEIGHT = 0.5e-4


def _set_feature_scales(alexnet, outputs):
    wanted = STRANGERS_TERM / PUBLISHED_FEATURE_WEIGHT
    for name, scale in alexnet_models.feature_scales(alexnet).items():
        features = outputs[name]
        half = len(features) // 2
        between = np.square(features[:half] - features[half : 2 * half])
        distance = between.reshape(half, -1).sum(axis=1).mean()
        if not distance > 0:
            logging.warning("%s tells no faces apart; its scale is left alone.", name)
            continue
        scale.assign(float(scale.numpy()) * float(np.sqrt(wanted / distance)))
