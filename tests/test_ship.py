import numpy as np
import pytest
from helpers import one_step

from ipcgan import checkpoints
from ipcgan.inference.ager import FaceAger
from ipcgan.runs.weights import ship

CONFIG = {
    "family": "ipcgan",
    "sizes": one_step.TINY_SIZES,
    "data": {"dataset": "utkface", "root_folder": "/home/somebody/faces"},
    "alexnet_pretrained_model": "/home/somebody/alexnet",
    "changes": [
        {"step": 3, "data.root_folder": ["/home/somebody/old", "/home/somebody/faces"]},
        {"step": 5, "recipe.age_loss_weight": [30.0, 12.0]},
    ],
}


def test_shipped_weights_age_the_same_and_tell_nothing_of_the_machine(tmp_path):
    networks = one_step.ipcgan_networks()
    checkpoints.save(
        tmp_path / "run",
        {
            "generator": networks["discriminator"],
            "generator_average": networks["generator"],
        },
        {},
        {"step": 7},
        config=CONFIG,
        max_to_keep=1,
    )
    log = tmp_path / "run" / "log.jsonl"
    log.write_text('{"step": 1, "generator/age": 1.5}\n{"step": 2, "a/b": 1.0}\n')
    path = ship.ship(str(tmp_path / "run"), str(tmp_path / "small"))
    assert path.name == "generator.weights.h5"
    assert "<svg" in (tmp_path / "small" / "curves.svg").read_text()
    assert (tmp_path / "small" / "log.jsonl").read_text() == log.read_text()
    text = (tmp_path / "small" / "config.json").read_text()
    assert "somebody" not in text
    values = checkpoints.read_json(tmp_path / "small" / "config.json")
    assert values["steps"] == 7
    changed = {"step": 5, "recipe.age_loss_weight": [30.0, 12.0]}
    assert values["changes"] == [{"step": 3}, changed]

    faces = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), dtype=np.uint8)
    whole = FaceAger.from_checkpoint(tmp_path / "run")(faces, (0, 4)).astype(int)
    small = FaceAger.from_checkpoint(tmp_path / "small")(faces, (0, 4))
    # float16 keeps 11 bits of each weight.
    assert np.abs(whole - small).max() <= 2


def test_weights_age_faces_of_another_size(tmp_path):
    generator = one_step.ipcgan_networks()["generator"]
    run = tmp_path / "run"
    checkpoints.save(
        run,
        {"generator": generator},
        {},
        {"step": 7},
        config={**CONFIG, "judged_years": [15, 25, 35, 45, 55]},
        max_to_keep=1,
    )
    middles = []
    for size in (64, 128):
        folder = tmp_path / str(size)
        ship.ship(str(run), str(folder), image_size=size)
        values = checkpoints.read_json(folder / "config.json")
        assert (values["sizes"]["image_size"], values["trained_at"]) == (size, 16)
        assert "judged_years" not in values
        # Away from the borders a flat face is aged alike at every size.
        flat = np.full((1, size, size, 3), 90, np.uint8)
        aged = FaceAger.from_checkpoint(folder)(flat, (0, 4))
        assert aged.shape == (1, 2, size, size, 3)
        middles.append(aged[0, :, size // 2, size // 2].astype(int))
    np.testing.assert_allclose(*middles, atol=1)
    with pytest.raises(checkpoints.CheckpointError, match=r"multiple of 4 .*: 33\."):
        ship.ship(str(run), str(tmp_path / "odd"), image_size=33)
    assert not (tmp_path / "odd").exists()


def test_a_chosen_checkpoint_brings_its_trainings_log_and_scores(tmp_path):
    generator = one_step.ipcgan_networks()["generator"]
    for step in (7, 8):
        checkpoints.save(
            tmp_path / "run",
            {"generator": generator},
            {},
            {"step": step},
            config=CONFIG,
            max_to_keep=2,
        )
    (tmp_path / "run" / "log.jsonl").write_text('{"step": 1, "generator/age": 1.5}\n')
    (tmp_path / "run" / "scores.jsonl").write_text('{"step": 7}\n')
    (tmp_path / "run" / "scores.svg").write_text("<svg/>")
    small = tmp_path / "small"
    ship.ship(str(tmp_path / "run" / "step-00000007"), str(small))
    assert checkpoints.read_json(small / "config.json")["steps"] == 7
    assert {path.name for path in small.iterdir()} == {
        "SHA256SUMS",
        "config.json",
        "curves.svg",
        "generator.weights.h5",
        "log.jsonl",
        "scores.jsonl",
        "scores.svg",
    }


def test_a_folder_without_weights_is_an_error(tmp_path):
    with pytest.raises(checkpoints.CheckpointError, match="no weights of a generator"):
        ship.ship(str(tmp_path), str(tmp_path / "small"))


def test_the_moving_average_is_what_ships(tmp_path):
    for name, value in (("generator", 1.0), ("generator_average", 2.0)):
        generator = one_step.ipcgan_networks()["generator"]
        for weight in generator.weights:
            weight.assign(np.full(weight.shape, value, "float32"))
        checkpoints.save_weights(generator, tmp_path, name)
    checkpoints.write_json(tmp_path / "config.json", CONFIG)
    ship.ship(str(tmp_path), str(tmp_path / "small"))
    for weight in FaceAger.from_checkpoint(tmp_path / "small").generator.weights:
        np.testing.assert_array_equal(
            weight.numpy(), np.full(weight.shape, 2.0, "float32")
        )


def test_weights_beyond_float16_are_refused(tmp_path):
    generator = one_step.ipcgan_networks()["generator"]
    kernel = generator.get_layer("stem").kernel
    kernel.assign(kernel * 1e9)
    checkpoints.save_weights(generator, tmp_path, "generator")
    with pytest.raises(checkpoints.CheckpointError, match="float16"):
        checkpoints.shrink_weights(
            tmp_path / "generator.weights.h5", tmp_path / "small.weights.h5"
        )
