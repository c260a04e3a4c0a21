"""Measures how fast faces are aged: each engine alone, and the whole job."""

import os
import tempfile
import time
from collections.abc import Callable, Hashable
from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from ipcgan import checkpoints, config
from ipcgan.data import images
from ipcgan.inference import engines
from ipcgan.inference.ager import FaceAger
from ipcgan.inference.generators import FACES
from ipcgan.models.flops import count_flops
from ipcgan.photos import FaceFinder, alignment, pasting
from ipcgan.runs.age import age_folder
from ipcgan.runs.benchmark.start_speed import PHOTO_SHAPE, write_photo
from ipcgan.runs.benchmark.timing import machine

# Rows and columns of the product that shows the machine's limit: large enough to keep
# all cores busy, small enough to end where bfloat16 is emulated.
_MATRIX = 2048
_BATCHES = (1, 32)  # faces at a time.
_SECONDS = 1.0  # that one takes at least, but for a single batch that takes longer.
_STAGES = 5  # photographs by which the stages of the job are timed.


def engines_compared(checkpoint_dir: str, rounds: int) -> list[str]:
    """Compares what computes the network, at batches of 1 and 32 faces.

    Engines are measured in turn, so that a machine that slows down slows all.

    Args:
        checkpoint_dir: of the network, and of what was exported of it.
        rounds: how often each is measured; the median counts.

    Returns:
        Lines of text: faces a second, and the ratio to Keras' predict.
    """
    keras_ager = FaceAger.from_checkpoint(checkpoint_dir, engine="keras")
    keras_ager.require(FACES, f"{checkpoint_dir}: has no engines but Keras to compare.")
    ways, missing = _ways(checkpoint_dir, keras_ager.generator)
    flops = count_flops(keras_ager.generator)
    dtypes = ("float32", "bfloat16")
    products: dict[Hashable, Callable] = {f"limit, {d}": _product(d) for d in dtypes}
    side = keras_ager.image_size
    calls: dict[Hashable, Callable] = {}
    for batch in _BATCHES:
        faces = np.zeros((batch, side, side, 3), np.float32)
        inputs = [faces, np.ones(batch, np.int32)]
        calls |= {(batch, name): _bound(way, inputs) for name, way in ways.items()}
    seconds = _medians({**calls, **products}, rounds)

    lines = [
        machine(),
        f"{flops / 1e9:.2f} GFLOP a face, a multiplication and an addition counted as "
        "two; faces/s (ratio to predict):",
    ]
    for batch in _BATCHES:
        base = batch / seconds[batch, "Keras, float32, predict"]
        rates = {name: batch / seconds[batch, name] for name in ways}
        for name in products:
            rates[name] = 2 * _MATRIX**3 / seconds[name] / flops
        lines += [
            f"batch {batch}, {name}: {rate:.1f} ({rate / base:.2f})"
            for name, rate in rates.items()
        ]
    return [*lines, *(f"not compared: {why}" for why in missing)]


def _ways(checkpoint_dir, generator):
    """Returns ({name: function of the inputs} of all that can age, why others not)."""
    ways = {
        "Keras, float32, predict": lambda x: generator.predict(x, verbose=0),
        "Keras, float32, compiled": generator.predict_on_batch,
    }
    missing = []
    folder = checkpoints.resolve(checkpoint_dir)
    for name in ("onnx", "openvino"):
        try:
            exported = engines.open_generator(folder, name)
        except checkpoints.CheckpointError as error:
            missing.append(str(error))
            continue
        ways[exported.engine] = exported.predict_on_batch
        if name == "openvino" and not exported.engine.endswith("float32"):
            exported = engines.open_openvino(folder / engines.FILES[name], "f32")
            ways[exported.engine] = exported.predict_on_batch
    return ways, missing


def _bound(way, inputs):
    return lambda: way(inputs)


def _product(dtype):
    a = keras.ops.ones((_MATRIX, _MATRIX), dtype)
    return lambda: float(keras.ops.matmul(a, a)[0, 0])


def _medians(calls: dict[Hashable, Callable], rounds: int) -> dict[Hashable, float]:
    """Returns the seconds that one call of each takes."""
    times: dict[Hashable, list[float]] = {name: [] for name in calls}
    # Each once before, uncounted: it compiles.
    with tqdm(total=(rounds + 1) * len(calls), unit="call", desc="measuring") as bar:
        for call in calls.values():
            call()
            bar.update()
        for _ in range(rounds):
            for name, call in calls.items():
                start, count = time.perf_counter(), 0
                while count == 0 or time.perf_counter() - start < _SECONDS:
                    call()
                    count += 1
                times[name].append((time.perf_counter() - start) / count)
                bar.update()
    return {name: float(np.median(values)) for name, values in times.items()}


def whole_job(checkpoint_dir: str, engine: str, num_photos: int) -> list[str]:
    """Ages drawn photographs of about 1 megapixel to four groups.

    Returns:
        Lines of text: how long it took, how busy the cores were, what takes the time.
    """
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "photos"
        source.mkdir()
        for index in range(num_photos):
            write_photo(source / f"{index}.jpg", PHOTO_SHAPE, seed=index)
        settings = config.AgeConfig(
            str(source), f"{name}/aged", checkpoint_dir, engine=engine
        )
        start, used = time.perf_counter(), time.process_time()
        result = age_folder.age_folder(settings)
        wall, used = time.perf_counter() - start, time.process_time() - used
        stages = _stages(sorted(source.iterdir())[:_STAGES], settings)
    cores = len(os.sched_getaffinity(0))
    total = sum(stages.values())
    return [
        machine(),
        f"{len(result.aged)} of {num_photos} photographs by {result.engine}: "
        f"{wall:.1f} s, {len(result.aged) / wall:.2f} a second",
        f"{cores} cores busy for {100 * used / wall / cores:.0f} % of the time",
        "one photograph, each stage alone: "
        + ", ".join(
            f"{name} {1000 * seconds:.0f} ms ({100 * seconds / total:.0f} %)"
            for name, seconds in stages.items()
        ),
    ]


def _stages(paths, settings):
    """Returns the seconds that each stage of the job takes for one photograph."""
    ager = FaceAger.from_checkpoint(settings.checkpoint_dir, engine=settings.engine)
    finder, size = FaceFinder(), ager.image_size
    mask = pasting.face_mask(ager.template, size)
    spent = dict.fromkeys(("read", "find", "cut", "age", "paste", "write"), 0.0)

    def timed(name, function, *arguments):
        start = time.perf_counter()
        result = function(*arguments)
        spent[name] += (time.perf_counter() - start) / len(paths)
        return result

    # What is made once is not counted.
    finder(images.read_image(paths[0]))
    groups = ager.age_groups.targets
    ager(np.zeros((1, size, size, 3), np.uint8), groups)
    for path in paths:
        photo = timed("read", images.read_image, path)
        face = timed("find", finder, photo)[0]
        transform = alignment.to_crop(face.points, ager.template, size)
        crop = timed("cut", alignment.cut, photo, transform, size)
        for aged in timed("age", ager, crop[None], groups)[0]:
            whole = photo.copy()
            change = timed("paste", pasting.change_of, crop, aged, mask)
            timed("paste", pasting.paste, whole, change, transform, mask.margin)
            timed("write", images.write_image, path.with_suffix(".out.jpg"), whole)
    return spent
