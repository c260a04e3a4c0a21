"""Latent vectors of faces, by networks whose answers are known."""

import keras
import numpy as np
import pytest
from helpers import one_step

from ipcgan import checkpoints, config, face_networks
from ipcgan.age_groups import AGE_CGAN, CACD
from ipcgan.data import images
from ipcgan.families import FAMILIES
from ipcgan.inference.face_estimates import expected_groups
from ipcgan.inference.inversion import Inverter

SIZE, LATENT = 4, 6
OBJECTIVES = FAMILIES["age_cgan"].implementation.inversions


def linear_networks(seed=0):
    """A generator that is z -> A z + b (of the group), an encoder that always says 0.5.

    Returns:
        (networks, A [3 * SIZE^2, LATENT], b [K, 3 * SIZE^2]).
    """
    random = np.random.default_rng(seed)
    latent = keras.Input((LATENT,), name="latent")
    group = keras.Input((), dtype="int32", name="group")
    dense = keras.layers.Dense(3 * SIZE**2, use_bias=False, name="dense")
    shift = keras.layers.Embedding(len(AGE_CGAN), 3 * SIZE**2, name="shift")
    x = keras.layers.Add(name="sum")([dense(latent), shift(group)])
    x = keras.layers.Reshape((SIZE, SIZE, 3), name="rgb")(x)
    generator = keras.Model([latent, group], x, name="generator")
    matrix = random.normal(0.0, 0.1, (LATENT, 3 * SIZE**2)).astype("float32")
    shifts = random.normal(0.0, 0.1, (len(AGE_CGAN), 3 * SIZE**2)).astype("float32")
    dense.set_weights([matrix])
    shift.set_weights([shifts])

    image = keras.Input((SIZE, SIZE, 3), name="image")
    flat = keras.layers.Flatten(name="flat")(image)
    guess = keras.layers.Dense(LATENT, "linear", name="guess")
    encoder = keras.Model([image, group], guess(flat), name="encoder")
    guess.set_weights([np.zeros((3 * SIZE**2, LATENT)), np.full(LATENT, 0.5)])
    return {"generator": generator, "encoder": encoder}, matrix.T, shifts


def settings(**changes):
    values = {"method": "pixelwise", "steps": 200, "tolerance": 1e-10, **changes}
    return config.InversionConfig(**values)


@pytest.fixture
def faces():
    random = np.random.default_rng(1)
    return random.integers(0, 256, (5, SIZE, SIZE, 3), dtype=np.uint8)


GROUPS = np.array([0, 1, 5, 3, 1])


@pytest.mark.parametrize("optimizer", config.INVERSION_OPTIMIZERS)
def test_a_linear_generators_optimum_is_that_of_least_squares(optimizer, faces):
    networks, matrix, shifts = linear_networks()
    # Adam needs more steps; bounds are far beyond the optimum.
    limits = {"bound": 1e3, "optimizer": optimizer, "learning_rate": 0.1}
    steps = 200 if optimizer == "lbfgs" else 300
    asked = settings(steps=steps, **limits)
    inverter = Inverter(networks, OBJECTIVES, asked, AGE_CGAN)
    found = inverter(faces, GROUPS)

    pixels = images.to_unit_range(faces).reshape(5, -1) - shifts[GROUPS]
    expected, residuals, *_ = np.linalg.lstsq(matrix, pixels.T, rcond=None)
    # float32 gradients; Adam turns around its goal.
    atol = 2e-3 if optimizer == "lbfgs" else 2e-2
    np.testing.assert_allclose(found.latents["pixelwise"], expected.T, atol=atol)
    ends = [min(trace) for trace in found.traces["pixelwise"]]
    np.testing.assert_allclose(ends, residuals, rtol=1e-4)


def test_batches_are_put_together_and_the_last_is_filled_up(faces):
    networks, _, _ = linear_networks()
    whole, parts = (
        Inverter(networks, OBJECTIVES, settings(steps=3), AGE_CGAN, size)(faces, GROUPS)
        for size in (8, 2)
    )
    # The network's sums depend on how many faces it is given.
    np.testing.assert_allclose(
        parts.latents["pixelwise"], whole.latents["pixelwise"], atol=1e-4
    )
    assert len(parts.traces["pixelwise"]) == 5


def test_lbfgs_never_raises_the_objective_of_any_face(faces):
    networks, _, _ = linear_networks()
    found = Inverter(networks, OBJECTIVES, settings(), AGE_CGAN)(faces, GROUPS)
    for trace in found.traces["pixelwise"]:
        assert len(trace) > 2
        assert (np.diff(trace) <= 0).all()


def test_the_encoders_guess_is_kept_and_faces_are_made_again(faces):
    networks, matrix, shifts = linear_networks()
    inverter = Inverter(networks, OBJECTIVES, settings(method="none"), AGE_CGAN)
    found = inverter(faces, GROUPS)
    assert found.latents.keys() == {"none"}
    np.testing.assert_allclose(found.latents["none"], 0.5)
    again = inverter.reconstruct(found)["none"]
    made = (matrix @ np.full(LATENT, 0.5) + shifts[GROUPS]).reshape(faces.shape)
    # The network's sums and NumPy's may round to different levels.
    assert np.abs(again.astype(int) - images.to_uint8(made)).max() <= 1


@pytest.fixture(scope="module")
def alexnet_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alexnet")
    alexnet, sizes = one_step.tiny_alexnet()
    face_networks.write(alexnet, sizes, folder, {})
    return str(folder)


def search_people(alexnet_folder, groups, **changes):
    """Returns (two faces, an inverter of them, what it finds) by tiny networks."""
    asked = settings(
        alexnet_pretrained_model=alexnet_folder,
        identity_descriptor="imitated",
        **changes,
    )
    faces = np.random.default_rng(2).integers(0, 256, (2, 16, 16, 3), dtype=np.uint8)
    extended = FAMILIES["age_cgan"].implementation.extended
    networks = one_step.age_cgan_networks()
    inverter = Inverter(networks, OBJECTIVES, asked, CACD, extended=extended)
    return faces, inverter, inverter(faces, groups)


def test_identity_is_searched_through_the_face_network(alexnet_folder):
    _, _, found = search_people(
        alexnet_folder, [1, -1], method="identity_preserving", steps=5
    )
    assert list(found.latents) == ["none", "pixelwise", "identity_preserving"]
    assert found.judged.tolist() == [False, True]
    assert found.groups[0] == 1 and 0 <= found.groups[1] < 5
    for traces in found.traces.values():
        for trace in traces:
            assert trace[-1] < trace[0]
            assert (np.diff(trace) <= 0).all()


def test_identity_is_searched_through_dlibs_recogniser_by_default(monkeypatch, faces):
    networks, matrix, shifts = linear_networks()
    image = keras.Input((SIZE, SIZE, 3))
    mean = keras.layers.GlobalAveragePooling2D()(image)
    recogniser = keras.Model(image, {"descriptor": mean})
    monkeypatch.setattr(face_networks, "read_dlib", lambda size: recogniser)
    asked = settings(method="identity_preserving", bound=1e3, pixel_weight=0.0)
    inverter = Inverter(networks, OBJECTIVES, asked, AGE_CGAN)
    latents = inverter(faces, GROUPS).latents["identity_preserving"]
    made = (latents @ matrix.T + shifts[GROUPS]).reshape(faces.shape)
    # Six numbers are enough for three: the colours' means are reached.
    expected = images.to_unit_range(faces).mean((1, 2))
    np.testing.assert_allclose(made.mean((1, 2)), expected, atol=1e-3)


def test_pixels_count_in_the_search_for_the_person_by_their_weight():
    made = np.array([[[[0.5, 0.5, 0.5]]], [[[0.0, 0.0, 0.0]]]], "float32")
    networks = {
        "generator": lambda inputs, training: made,
        "recogniser": lambda image, training: {"descriptor": image[:, 0, 0]},
    }
    given = {
        "group": np.array([0, 1]),
        "descriptor": np.zeros((2, 3), "float32"),
        "image": np.ones((2, 1, 1, 3), "float32"),
        "pixel_weight": np.array([2.0, 0.1], "float32"),
    }
    found = OBJECTIVES["identity_preserving"](networks, None, given)
    # 3 * 0.5^2 and twice that; nothing and 0.1 * 3 * 1^2.
    np.testing.assert_allclose(found, [2.25, 0.3], rtol=1e-6)


def test_an_extended_code_counts_its_squares_too():
    networks = {
        "generator": lambda inputs, training: inputs[0][:, None, None, :3],
        "recogniser": lambda image, training: {"descriptor": image[:, 0, 0]},
    }
    code = np.array([[1.0, 0.0, 0.0, 2.0], [0.0, 0.0, 0.0, -1.0]], "float32")
    given = {
        "group": np.array([0, 1]),
        "descriptor": np.zeros((2, 3), "float32"),
        "image": np.ones((2, 1, 1, 3), "float32"),
        "pixel_weight": np.array([1.0, 1.0], "float32"),
        "code_weight": np.array([0.1, 0.5], "float32"),
    }
    found = OBJECTIVES["extended"](networks, code, given)
    # Descriptors 1 and 0, pixels 2 and 3, squares 0.1 * 5 and 0.5 * 1.
    np.testing.assert_allclose(found, [3.5, 3.5], rtol=1e-6)


def test_an_extended_search_goes_on_from_the_person(alexnet_folder):
    weights = {"pixel_weight": 0.1, "code_weight": 0.0}
    faces, inverter, found = search_people(
        alexnet_folder, [1, 3], method="extended", steps=8, **weights
    )
    assert list(found.latents)[-1] == "extended"
    latents = found.latents["identity_preserving"]
    assert found.latents["extended"].shape[1] > latents.shape[1]
    before, after = (found.progress(n) for n in ("identity_preserving", "extended"))
    # It begins where the search for the person ends, and ends nearer to the face.
    assert after.start == pytest.approx(before.end, rel=1e-4)
    assert after.end < after.start and after.falling == 2
    again = inverter.reconstruct(found)
    error = {n: np.abs(again[n].astype(int) - faces).mean() for n in again}
    assert error["extended"] < error["identity_preserving"]
    generator = inverter.networks["generator"]
    assert inverter.generator_of("extended") is not generator
    assert inverter.generator_of("pixelwise") is generator


def test_what_is_needed_of_the_face_network_is_named(tmp_path, faces):
    networks, _, _ = linear_networks()
    asked = settings(alexnet_pretrained_model=str(tmp_path))
    inverter = Inverter(networks, OBJECTIVES, asked, AGE_CGAN)
    inverter(faces, GROUPS)  # All groups are known: no face network is asked.
    with pytest.raises(checkpoints.CheckpointError, match="no pretrained face network"):
        inverter(faces)


def test_a_method_that_there_is_not_is_refused():
    networks, _, _ = linear_networks()
    with pytest.raises(config.ConfigError, match="method must be one of none, pixel"):
        Inverter(networks, OBJECTIVES, settings(method="z"), AGE_CGAN)


def test_expected_groups_are_of_the_mean_of_middles():
    sure = np.eye(5) * 50
    # 15.5, 25.5, 35.5, 45.5 and 60 years.
    assert expected_groups(sure, CACD).tolist() == [0, 1, 2, 3, 4]
    assert expected_groups(sure, AGE_CGAN).tolist() == [0, 1, 2, 3, 5]
    # Half 45.5 and half 60 are 52.75 years.
    torn = np.array([[0.0, 0.0, 0.0, 50.0, 50.0]])
    assert expected_groups(torn, AGE_CGAN).tolist() == [4]
    with pytest.raises(checkpoints.CheckpointError, match="6 age groups"):
        expected_groups(np.zeros((1, 6)), AGE_CGAN)
