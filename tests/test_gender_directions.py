"""Directions of the latent space along which gender changes: by known lines."""

import shutil

import keras
import numpy as np
import pytest
from helpers import one_step

from ipcgan import checkpoints, config, face_networks
from ipcgan.age_groups import AGE_CGAN
from ipcgan.families import FAMILIES
from ipcgan.inference import face_estimates, gender_directions
from ipcgan.inference.ager import FaceAger
from ipcgan.inference.inversion import Inverter
from ipcgan.runs.weights import measure_gender, ship

GENDER = np.array([2.0, 1.0, 0.0, 0.0])
AGE = np.array([0.0, 3.0, 4.0, 0.0])


def test_a_lines_slopes_are_found():
    random = np.random.default_rng(0)
    latents = random.standard_normal((4000, 4))
    readings = latents @ GENDER + 5.0 + random.normal(0.0, 0.1, 4000)
    found = gender_directions.slopes(latents, readings)
    np.testing.assert_allclose(found, GENDER, atol=0.02)


def test_a_step_adds_one_to_gender_and_nothing_to_age():
    step = gender_directions.direction(GENDER, AGE)
    assert step @ GENDER == pytest.approx(1.0)
    assert step @ AGE == pytest.approx(0.0, abs=1e-12)
    # (2, 1, 0, 0) without its part along (0, .6, .8, 0), which is .6.
    across = np.array([2.0, 0.64, -0.48, 0.0])
    np.testing.assert_allclose(step, across / (across @ across))


def test_faces_are_moved_as_far_as_gender_is_missing():
    step = gender_directions.direction(GENDER, AGE)
    codes = np.zeros((4, 6), np.float32)
    codes[:, 4:] = 7.0  # what else belongs to the codes.
    codes[2, 0] = 2.0  # read as 4: surer than wanted.
    wanted = np.array([1.0, -1.0, 1.0, 9.0])

    def reading(some):
        return some[:, :4] @ GENDER

    moved = gender_directions.moved(codes, step, wanted, reading, bound=3.0)
    # Three times 0.7 of what is missing leaves 0.027 of it; 9 counts as 2.
    left = 0.3**3
    expected = [1.0 - left, -1.0 + left, 4.0, 2.0 * (1.0 - left)]
    np.testing.assert_allclose(reading(moved), expected, rtol=1e-5)
    np.testing.assert_allclose(moved[:, :4] @ AGE, codes[:, :4] @ AGE, atol=1e-5)
    np.testing.assert_array_equal(moved[:, 4:], 7.0)
    assert codes[0, 0] == 0.0  # What was given is left as it was.


def test_a_moved_code_stays_within_bounds():
    codes = np.array([[0.5, 0.0], [5.0, 0.0]], np.float32)
    step = np.array([10.0, 0.0])
    moved = gender_directions.moved(
        codes, step, np.array([1.0, 1.0]), lambda some: np.zeros(len(some)), bound=3.0
    )
    # What was beyond the bound before may stay there, and goes no further.
    np.testing.assert_allclose(moved, [[3.0, 0.0], [5.0, 0.0]])


def test_directions_are_written_with_their_sum(tmp_path):
    directions = np.arange(12, dtype="float32").reshape(3, 4)
    assert gender_directions.read(tmp_path, 3, 4) is None
    gender_directions.write(tmp_path, directions)
    gender_directions.write(tmp_path, 2 * directions)
    np.testing.assert_array_equal(
        gender_directions.read(tmp_path, 3, 4), 2 * directions
    )
    with pytest.raises(checkpoints.CheckpointError, match=r"\(3, 4\).*expected \(6, 4"):
        gender_directions.read(tmp_path, 6, 4)
    path = tmp_path / gender_directions.FILE
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(checkpoints.CheckpointError, match="is damaged"):
        gender_directions.read(tmp_path, 3, 4)


def brightness_networks():
    """Faces of one colour: z0 / 10 and 0.1 less at the last age group."""
    latent = keras.Input((3,), name="latent")
    group = keras.Input((), dtype="int32", name="group")
    tenth = keras.layers.Dense(1, use_bias=False, name="tenth")
    shift = keras.layers.Embedding(len(AGE_CGAN), 1, name="shift")
    x = keras.layers.Add()([tenth(latent), shift(group)])
    x = keras.layers.Dense(4 * 4 * 3, use_bias=False, name="spread")(x)
    x = keras.layers.Reshape((4, 4, 3), name="rgb")(x)
    generator = keras.Model([latent, group], x, name="generator")
    tenth.set_weights([np.array([[0.1], [0.0], [0.0]])])
    shift.set_weights([np.array([[0.0]] * 5 + [[-0.1]])])
    generator.get_layer("spread").set_weights([np.ones((1, 48))])
    image = keras.Input((4, 4, 3), name="image")
    zeros = keras.layers.Dense(3, kernel_initializer="zeros", name="guess")
    guess = zeros(keras.layers.Flatten()(image))
    return {"generator": generator, "encoder": keras.Model([image, group], guess)}


@pytest.fixture
def reads_brightness(monkeypatch):
    """A face network: dark faces are men, light ones women, ten times their light."""
    image = keras.Input((4, 4, 3))
    mean = keras.layers.GlobalAveragePooling2D()(image)
    descriptor = keras.layers.Dense(1, use_bias=False, name="d")(mean)
    gender = keras.layers.Dense(2, use_bias=False, name="g")(mean)
    network = keras.Model(
        image,
        {"descriptor": descriptor, "gender_logits": gender, "age_years": descriptor},
    )
    network.get_layer("d").set_weights([np.full((3, 1), 1 / 3)])
    sides = np.array([[-5.0, 5.0]]) / 3
    network.get_layer("g").set_weights([np.repeat(sides, 3, axis=0)])
    monkeypatch.setattr(face_networks, "read", lambda *_, **__: (network, None))


def inverter(method, directions):
    asked = config.InversionConfig(
        method=method,
        identity_descriptor="imitated",
        pixel_weight=1.0,
        code_weight=0.0,
    )
    return Inverter(
        brightness_networks(),
        FAMILIES["age_cgan"].implementation.inversions,
        asked,
        AGE_CGAN,
        batch_size=2,
        extended=lambda generator: generator,
        gender_directions=directions,
    )


def test_faces_of_another_age_keep_their_gender(reads_brightness):
    # One more of gender is 0.1 of light, which is 1 of z0.
    directions = np.tile([[1.0, 0.0, 0.0]], (6, 1)).astype("float32")
    faces = np.stack([np.full((4, 4, 3), v, np.uint8) for v in (153, 102, 115)])
    finds = inverter("extended", directions)
    found = finds(faces, [1, 1, 5])
    # 0.2, -0.2 and -0.098 of light.
    np.testing.assert_allclose(found.genders, [2.0, -2.0, -0.98], atol=0.003)
    for group in (0, 5):
        codes = finds.codes_at(found, group)
        made = finds.networks["generator"].predict_on_batch(
            [codes, np.full(3, group, "int32")]
        )
        light = made.mean((1, 2, 3))
        if group == 0:  # The third has become lighter, and is made darker again.
            expected = [0.2, -0.2, -0.098 + 0.1 * 0.3**3]
        else:  # The first has become darker; the second may.
            expected = [0.2 - 0.1 * 0.3**3, -0.3, -0.098]
        np.testing.assert_allclose(light, expected, atol=0.003)


@pytest.mark.parametrize("method", ["none", "pixelwise", "identity_preserving"])
def test_the_papers_methods_do_not_keep_gender(method, reads_brightness):
    finds = inverter(method, np.ones((6, 3), "float32"))
    found = finds(np.full((1, 4, 4, 3), 150, np.uint8), [1])
    assert found.genders is None
    np.testing.assert_array_equal(finds.codes_at(found, 5), found.latents[method])


@pytest.fixture
def measured(age_cgan_folder, tmp_path):
    """Returns (a folder of a tiny Age-cGAN, whose directions were measured; lines)."""
    alexnet, sizes = one_step.tiny_alexnet()
    face_networks.write(alexnet, sizes, tmp_path / "reader", {})
    folder = tmp_path / "age_cgan"
    shutil.copytree(age_cgan_folder, folder)
    return folder, measure_gender.measure(str(folder), str(tmp_path / "reader"), 40)


def test_directions_are_measured_of_faces_that_the_generator_draws(measured):
    folder, lines = measured
    assert lines[0] == "40 faces of each age group:"
    assert len(lines) == 1 + len(AGE_CGAN) + 1
    assert lines[-1].endswith(f"{gender_directions.FILE}.")
    size = FaceAger.from_checkpoint(folder).generator.inputs[0].shape[-1]
    found = gender_directions.read(checkpoints.resolve(folder), len(AGE_CGAN), size)
    assert found.shape == (len(AGE_CGAN), size) and np.isfinite(found).all()


def test_weights_that_are_shipped_anew_have_no_directions_of_older_ones(
    measured, tmp_path
):
    folder, _ = measured
    target = tmp_path / "shipped"
    target.mkdir()
    stored = checkpoints.resolve(folder) / gender_directions.FILE
    shutil.copyfile(stored, target / gender_directions.FILE)
    ship.ship(str(folder), str(target))
    assert not (target / gender_directions.FILE).exists()


def test_what_the_reader_has_not_learnt_is_told(tmp_path, monkeypatch):
    image = keras.Input((4, 4, 3))
    network = keras.Model(image, {"descriptor": image})
    monkeypatch.setattr(face_networks, "read", lambda *_, **__: (network, None))
    with pytest.raises(checkpoints.CheckpointError, match="read gender and years"):
        face_estimates.read_gender_reader(str(tmp_path), 4)
