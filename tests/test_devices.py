"""Devices and hosts that share a batch train as one device with the whole batch."""

import json
import pathlib
import signal
import time
from types import SimpleNamespace

import h5py
import numpy as np
import pytest
from helpers import one_step, together

from ipcgan import checkpoints
from ipcgan.config import ConfigError
from ipcgan.runs.train import alike
from ipcgan.training import step, step_jax
from ipcgan.training.devices import ONE_DEVICE, Devices, LostHostError

# Of each family every kind of stage but the templates', whose one term the generator's
# has too, and every term that is not a mean over all faces.
FAMILIES = {
    "ipcgan": (
        one_step.TINY_SIZES,
        {
            "prototype_loss_weight": 50,
            "reconstruction_loss_weight": 50,
        },
    ),
    "age_cgan": (
        one_step.TINY_AGE_CGAN_SIZES,
        {"max_steps": 15, "encoder_pairs": 40, "mismatched_loss_weight": 1},
    ),
    # The late stage is the early one with another weight.
    "ragan": (
        one_step.TINY_RAGAN_SIZES,
        {"mismatched_loss_weight": 1, "early_share": 1},
    ),
}


@pytest.fixture
def flags(face_folder, alexnet_folder):
    """A function: the flags of a tiny training run."""

    def of(family, run_dir, **changes):
        sizes, recipe = FAMILIES[family]
        values = {
            "family": family,
            "age_groups": "cacd",
            "root_folder": face_folder,
            "checkpoint_dir": run_dir,
            "alexnet_pretrained_model": alexnet_folder,
            "batch_size": 8,
            "max_steps": 20,
            "log_interval": 1,
            **{name: value for name, value in sizes.items() if name != "num_groups"},
            **recipe,
            **changes,
        }
        return [f"--{name}={value}" for name, value in values.items()]

    return of


def logged(run_dir):
    """The lines of a run's log so far."""
    path = pathlib.Path(run_dir) / "log.jsonl"
    return [json.loads(line) for line in path.open()] if path.exists() else []


def weights_of(run_dir, network):
    """All weights of a network in a run's newest checkpoint, one after the other."""
    path = checkpoints.newest(run_dir) / f"{network}.weights.h5"
    found = []

    def collect(_, item):
        if isinstance(item, h5py.Dataset) and item.dtype.kind == "f":
            found.append(item[()].ravel())

    with h5py.File(path) as file:
        file.visititems(collect)
    return np.concatenate(found)


def assert_equal_runs(run_dir, other_dir):
    """Compares the terms of the first steps, and the weights after the last."""
    one, other = logged(run_dir), logged(other_dir)
    assert len(one) == len(other) == 20
    for line, other_line in zip(one[:3], other[:3], strict=True):
        assert line.keys() == other_line.keys()
        for name in line.keys() - {"seconds_per_step"}:
            # Sums in another order.
            np.testing.assert_allclose(
                other_line[name], line[name], rtol=1e-5, err_msg=name
            )
    for network in ("generator", "discriminator", "generator_average"):
        # Biases before a normalization have no gradient but rounding, which Adam makes
        # steps of: single weights come to differ by more than their mean does.
        difference = weights_of(run_dir, network) - weights_of(other_dir, network)
        assert np.sqrt(np.mean(difference**2)) < 1e-3, network


each_backend = pytest.mark.parametrize("backend", ["tensorflow", "jax"])


@each_backend
@pytest.mark.parametrize("family", FAMILIES)
def test_two_processes_of_four_faces_train_as_one_of_eight(
    backend, family, flags, tmp_path
):
    for count, name in ((1, "one"), (2, "two")):
        together.train(backend, count, *flags(family, tmp_path / name))
    assert_equal_runs(tmp_path / "one", tmp_path / "two")


@each_backend
def test_a_signal_to_one_process_stops_all_after_the_same_step(
    backend, flags, tmp_path
):
    asked = flags("ragan", tmp_path, max_steps=100_000, save_interval=100_000)
    started = together.start(backend, 2, *asked)
    wait_for_steps(tmp_path, 3, started)
    started[1].send_signal(signal.SIGTERM)
    for status, text in together.finish(started):
        assert status == 128 + signal.SIGTERM, text
    done = logged(tmp_path)[-1]["step"]
    assert [path.name for path in tmp_path.glob("step-*")] == [f"step-{done:08d}"]
    # It resumes with as many devices as there are then, of one machine here.
    together.train(backend, 1, *asked, f"--max_steps={done + 3}", "--devices=2")
    assert [line["step"] for line in logged(tmp_path)] == list(range(1, done + 4))


@each_backend
def test_the_others_stop_with_a_sentence_where_one_dies_and_the_run_resumes(
    backend, flags, tmp_path
):
    asked = flags("ragan", tmp_path, max_steps=100_000, save_interval=2)
    started = together.start(backend, 2, *asked)
    wait_for_steps(tmp_path, 5, started)
    started[1].kill()
    killed = time.monotonic()
    (status, text), _ = together.finish(started)
    assert time.monotonic() - killed < 60
    assert status == 1, text
    assert "rank 0 of 2: another process of this training run has ended" in text
    steps = len(logged(tmp_path)) + 2
    together.train(backend, 1, *asked, f"--max_steps={steps}")
    assert logged(tmp_path)[-1]["step"] == steps


# Rank 0 waits for others, which wait for rank 0.
@pytest.mark.parametrize("rank", [0, 1])
@each_backend
def test_a_host_that_does_not_answer_is_not_waited_for_for_ever(backend, rank):
    code = (
        "from ipcgan.training import devices\n"
        "devices.ANSWER_SECONDS = 3\n"
        "devices.connect('1')\n"
    )
    status, text = together.run(backend, rank, code)
    assert status == -signal.SIGKILL, text
    expected = f"error: rank {rank}: not all of the 2 processes answered within 3 sec"
    assert expected in text
    assert "expected them at 127.0.0.1:" in text


def test_what_the_engine_says_of_a_lost_process_is_said_in_a_sentence(monkeypatch):
    monkeypatch.setattr(step, "backend", lambda: step_jax)
    two = Devices(rank=0, processes=2, count=2, engine=object())
    # What JAX raised where a process was killed while arrays were put together.
    gone = ValueError("UNKNOWN: Gloo all-reduce failed: Connection closed by peer")
    with pytest.raises(LostHostError, match="rank 0 of 2: .*has ended.*by peer"):
        with two.watched():
            raise gone
    with pytest.raises(ValueError, match="shapes"), two.watched():
        raise ValueError("shapes do not match")
    with pytest.raises(ValueError, match="Gloo"), ONE_DEVICE.watched():
        raise gone


def wait_for_steps(run_dir, steps, started):
    """Waits until a run's log has so many steps, or a process has ended."""
    while len(logged(run_dir)) < steps and all(p.poll() is None for p in started):
        time.sleep(0.2)


def test_a_process_that_was_started_otherwise_is_named():
    told = [{"seed": 0, "batch_size": 8}, {"seed": 0, "batch_size": 16}]
    devices = SimpleNamespace(processes=2, texts=lambda _: map(json.dumps, told))
    with pytest.raises(ConfigError, match="rank 1 has batch_size 16, rank 0 has 8"):
        alike.check(devices, told[0])
    alike.check(ONE_DEVICE, told[0])


def test_a_batch_that_cannot_be_divided_names_rank_and_number():
    with pytest.raises(
        ConfigError,
        match="--batch_size=9: rank 1 cannot divide it by 4 devices; expected a mult",
    ):
        Devices(rank=1, processes=2, count=4, engine=object()).share(9)


def test_shares_follow_each_other():
    shares = [Devices(rank, 2, 4, object()).share(8) for rank in range(2)]
    assert shares == [range(0, 4), range(4, 8)]
