"""Compares the input pipeline's speed with what a training step consumes."""

import itertools
import tempfile
import time
from pathlib import Path

from ipcgan import face_networks, families
from ipcgan.config import RunConfig
from ipcgan.data import pipeline, sources, synthetic
from ipcgan.data.image_store import ImageStore
from ipcgan.data.prefetch import prefetch
from ipcgan.runs.benchmark.timing import TimedSteps, machine
from ipcgan.training.precision import dtype_policy

_STEPS = 6  # timed.


def data(root_folder: str, alexnet_model: str, batch_size: int) -> list[str]:
    """Compares what the input pipeline gives with what a training step takes.

    Args:
        root_folder: UTKFace folder; "": drawn faces of 200 pixels.
        alexnet_model: folder of the face AlexNet.
        batch_size: faces per step.

    Returns:
        Lines of text.
    """
    with tempfile.TemporaryDirectory() as folder:
        if not root_folder:
            synthetic.write_utkface_folder(
                Path(folder), faces_per_group=200, size=200, seed=0
            )
        records = sources.read_split("utkface", root_folder or folder, "", "train")
        cold = _pipeline_rate(ImageStore(records, 128, 0), batch_size)
        store = ImageStore(records, 128, 2**32)
        for position in range(len(records)):
            store.face(position)
        warm = _pipeline_rate(store, batch_size)
        batch = pipeline.FaceBatches(store, batch_size, seed=0)(0)
    lines = [
        machine(),
        f"pipeline, decoding every time: {cold:.0f} images/s",
        f"pipeline, from memory: {warm:.0f} images/s",
    ]
    for mixed in (False, True):
        seconds = _step_seconds(batch, alexnet_model, mixed)
        taken = 2 * batch_size / seconds  # a source and a target per face
        lines.append(
            f"step of {batch_size} faces, {'bfloat16' if mixed else 'float32'}: "
            f"{seconds:.2f} s, takes {taken:.0f} images/s; the pipeline gives "
            f"{cold / taken:.0f} times that decoding, {warm / taken:.0f} times from "
            "memory"
        )
    return lines


def _pipeline_rate(store, batch_size):
    batches = prefetch(pipeline.FaceBatches(store, batch_size, seed=0), start=0)
    for _ in itertools.islice(batches, 4):
        pass
    start = time.perf_counter()
    count = max(8, 1024 // batch_size)
    for _ in itertools.islice(batches, count):
        pass
    rate = 2 * batch_size * count / (time.perf_counter() - start)
    batches.close()
    return rate


def _step_seconds(batch, alexnet_model, mixed_precision):
    family = families.FAMILIES["ipcgan"]
    with dtype_policy(mixed_precision):
        networks = family.implementation.build_networks(family.sizes())
        networks["alexnet"] = face_networks.read_frozen(alexnet_model, "", 128)
    (stage,) = family.implementation.stages(family.recipe(), RunConfig(max_steps=100))
    steps = TimedSteps(stage.phases, networks, batch)
    for _ in range(_STEPS):
        steps.run()
    return steps.seconds()
