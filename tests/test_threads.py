"""One FaceAger, many threads: each caller gets its own faces, on every engine."""

import pathlib
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from test_export import write_checkpoint

from ipcgan.checkpoints import CheckpointError
from ipcgan.inference import engines, export
from ipcgan.inference.ager import FaceAger

ROOT = pathlib.Path(__file__).parents[1]
THREADS, CALLS = 16, 24


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    export.export(write_checkpoint(folder, "change"), folder, 5)
    return folder


def requests():
    """Few faces, which are computed together, and many, which are not."""
    random = np.random.default_rng(0)
    for call in range(CALLS):
        faces = random.integers(0, 256, (1 + 5 * (call % 3), 16, 16, 3), dtype=np.uint8)
        yield faces, (call % 5, (call + 1) % 5)


@pytest.mark.parametrize("engine", ["keras", "onnx", "openvino"])
def test_every_caller_gets_its_own_faces(engine, exported):
    asked = list(requests())
    alone = FaceAger.from_checkpoint(exported, engine=engine)
    expected = [alone(*arguments) for arguments in asked]
    # A new one: its first calls come all at the same time.
    ager = FaceAger.from_checkpoint(exported, engine=engine)
    together = threading.Barrier(THREADS)

    def caller(number):
        together.wait()
        order = np.random.default_rng(number).permutation(CALLS)
        return sum(not np.array_equal(ager(*asked[i]), expected[i]) for i in order)

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(caller, range(THREADS))) == 0


def test_so_many_run_at_a_time_and_no_more():
    """Each needs memory of its own; so 64 callers need no more than a few."""
    running, most, lock = 0, 0, threading.Lock()
    full = threading.Event()

    def predict(image, group):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            if running == engines.AT_ONCE:
                full.set()
        assert full.wait(20)  # All that may are in here at the same time.
        with lock:
            running -= 1
        return image

    generator = engines.ExportedGenerator(predict, 16, "none")
    image = np.zeros((1, 16, 16, 3), np.float32)
    with ThreadPoolExecutor(4 * engines.AT_ONCE) as pool:
        calls = [
            pool.submit(generator.predict_on_batch, [image, np.zeros(1, np.int32)])
            for _ in range(8 * engines.AT_ONCE)
        ]
        assert all(call.result().shape == (1, 16, 16, 3) for call in calls)
    assert most == engines.AT_ONCE


FIRST = """
import faulthandler, pathlib, sys, threading
from concurrent.futures import ThreadPoolExecutor
import numpy as np
from ipcgan.inference import engines

faulthandler.dump_traceback_later(300, exit=True)
image = np.random.default_rng(0).uniform(-1, 1, (16, 16, 16, 3)).astype(np.float32)
together = threading.Barrier(8)

def caller(number):
    together.wait()
    generator = engines.open_generator(pathlib.Path(sys.argv[1]), "openvino")
    for count in (16, 1) if number % 2 else (1, 16):
        made = generator.predict_on_batch([image[:count], np.zeros(count, np.int32)])
    return made[0]

with ThreadPoolExecutor(8) as pool:
    made = list(pool.map(caller, range(8)))
assert all(np.array_equal(face, made[0]) for face in made)
"""


def test_the_first_calls_of_a_process_may_come_together(exported):
    """What OpenVINO prepares on its first call hung one process in five."""
    answer = subprocess.run(  # noqa: S603
        [sys.executable, "-c", FIRST, exported],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize("engine", ["onnx", "openvino"])
def test_a_call_that_fails_is_a_line_and_does_not_fail_the_next(engine, exported):
    generator = engines.open_generator(exported, engine)
    image = np.zeros((12, 16, 16, 3), np.float32)
    group = np.zeros(12, np.int32)
    expected = generator.predict_on_batch([image, group])
    for _ in range(2 * engines.AT_ONCE):
        with pytest.raises(CheckpointError, match="cannot compute") as failed:
            generator.predict_on_batch([image[:, :7], group])
        assert "\n" not in str(failed.value)
    np.testing.assert_array_equal(generator.predict_on_batch([image, group]), expected)
