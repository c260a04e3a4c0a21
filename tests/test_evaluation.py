import functools
import pathlib

import numpy as np
import pytest
from sklearn import metrics

from ipcgan.data import images
from ipcgan.evaluation import (
    age,
    attributes,
    detection,
    identity,
    intervals,
    panel,
)
from ipcgan.evaluation.judges import Judges

ROOT = pathlib.Path(__file__).parents[1]
SAMPLES = ROOT / "images" / "test"
HSE = ROOT / "checkpoints" / "judges" / "hse_face"


def test_a_mean_and_its_interval():
    values = np.array([1.0] * 50 + [3.0] * 50)
    mean, low, high = intervals.mean_interval(values)
    assert mean == 2.0
    # The standard error of the mean is 0.1; a 95 % interval is about 1.96 of it.
    np.testing.assert_allclose([low, high], [2 - 0.196, 2 + 0.196], atol=0.03)


def test_intervals_cover_at_the_stated_rate():
    random = np.random.default_rng(0)
    covered = 0
    for _ in range(100):
        _, low, high = intervals.mean_interval(random.normal(5.0, 2.0, 60))
        covered += low <= 5.0 <= high
    # 95 expected; the binomial's standard deviation is 2.2.
    assert 87 <= covered <= 100


def test_intervals_of_differences_cover_at_the_stated_rate():
    random = np.random.default_rng(1)
    covered = 0
    for _ in range(100):
        values, others = random.normal(5.0, 2.0, 60), random.normal(2.0, 3.0, 40)
        _, low, high = intervals.difference_interval(values, others)
        covered += low <= 3.0 <= high
    assert 87 <= covered <= 100  # as above.


def test_means_of_equal_few_or_no_values():
    assert intervals.mean_interval([4.0, 4.0]) == (4.0, 4.0, 4.0)
    assert intervals.mean_interval([4.0, np.nan]) == (4.0, 4.0, 4.0)
    assert np.isnan(intervals.mean_interval([])).all()
    assert intervals.difference_interval([4.0], [1.0, 1.0]) == (3.0, 3.0, 3.0)
    assert np.isnan(intervals.difference_interval([4.0], [np.nan])).all()
    difference, low, high = intervals.difference_interval([4.0], [1.0, 3.0])
    assert (difference, low, high) == (2.0, 1.0, 3.0)


def test_interval_as_text():
    assert intervals.text((0.5, 0.25, 0.75), 100) == "50.0 (25.0 to 75.0)"
    assert intervals.text((np.nan,) * 3) == "-"


def test_who_never_steps_back():
    ages = [[20, 30, 40], [20, 30, 29], [20, 20, 20], [30, 29.6, 40], [1, np.nan, 3]]
    np.testing.assert_array_equal(
        age.never_steps_back(np.array(ages)), [1, 0, 1, 1, np.nan]
    )


def test_rank_correlation_is_spearmans():
    ages = [
        [15, 25, 35, 45, 60],  # in order
        [60, 45, 35, 25, 15],  # in reverse
        [30, 30, 30, 30, 30],  # no order
        [20, 10, 30, 50, 40],  # two swaps: 1 - 6 * 4 / (5 * 24)
        [20, np.nan, 30, 50, 40],
    ]
    np.testing.assert_allclose(
        age.rank_correlation(np.array(ages)), [1, -1, 0, 0.8, np.nan]
    )


def test_by_how_many_groups_ages_miss():
    ages = np.array([[15.0, 30.4, 30.6, 51.0, np.nan], [8.0, 8.0, 45.0, 20.0, 99.0]])
    np.testing.assert_array_equal(
        age.groups_off(ages), [[0, 0, 0, 1, np.nan], [1, 2, 1, 3, 0]]
    )


def test_a_face_that_is_none_any_more_has_not_kept_its_gender():
    kept = attributes.gender_kept(
        np.array([["male", "female"], ["", "female"]]), np.array(["male", "female"])
    )
    np.testing.assert_array_equal(kept, [[1, 0], [0, 1]])


def test_distances_are_euclidean_row_by_row():
    a, b = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([[3.0, 4.0], [1.0, 1.0]])
    np.testing.assert_allclose(identity.distances(a, b), [5.0, 0.0])


def test_strangers_are_pairs_of_different_people():
    points = np.array([[0.0], [1.0], [3.0], [np.nan]])
    assert sorted(identity.stranger_distances(points)) == [1.0, 2.0, 3.0]
    named = identity.stranger_distances(points, ["a", "a", None, None])
    assert sorted(named) == [2.0, 3.0]


def test_threshold_is_that_of_the_roc():
    """The largest threshold at which no more than 1 in 1,000 strangers pass."""
    random = np.random.default_rng(0)
    same, strangers = random.normal(0.4, 0.1, 500), random.normal(0.8, 0.1, 5000)
    threshold = identity.threshold_at(strangers, 1e-3)
    found = float(identity.same_person(same, threshold).mean())
    assert np.mean(strangers <= threshold) == 1e-3

    labels = np.repeat([1, 0], [500, 5000])
    false, true, _ = metrics.roc_curve(
        labels, -np.concatenate([same, strangers]), drop_intermediate=False
    )
    assert found == true[false <= 1e-3].max()


def test_shuffled_people_pass_at_the_false_match_rate():
    random = np.random.default_rng(0)
    people = random.normal(size=(400, 8))
    threshold = identity.threshold_at(identity.stranger_distances(people), 0.01)
    others = random.normal(size=(400, 8))
    distances = np.linalg.norm(people[:, None] - others, axis=2)
    rate = identity.same_person(distances, threshold).mean()
    # 160,000 pairs, but of 800 people only: about a tenth of the rate is chance.
    assert rate == pytest.approx(0.01, rel=0.2)


def test_too_few_strangers_set_no_threshold():
    assert np.isnan(identity.threshold_at(np.arange(999.0), 1e-3))
    assert np.isnan(identity.threshold_at(np.array([]), 1e-3))
    assert np.isnan(identity.same_person(np.array([0.1]), np.nan)).all()
    # No face, no distance: not the same person.
    assert identity.same_person(np.array([np.nan]), 0.6) == [0.0]


def test_recogniser_knows_a_person_again(tmp_path):
    """dlib's network through DeepFace, offline, on the sample faces."""
    woman, other = (
        images.read_image(SAMPLES / name) for name in ("astronaut.png", "admiral.png")
    )
    recogniser = identity.DlibRecogniser(tmp_path)
    own = recogniser.describe(woman)
    assert own.shape == (recogniser.length,)
    mirrored = recogniser.describe(woman[:, ::-1])
    assert np.linalg.norm(own - mirrored) < recogniser.threshold
    assert np.linalg.norm(own - recogniser.describe(other)) > recogniser.threshold


def test_judge_calls_a_grown_woman_so():
    years, gender = age.AgeJudge().judge(images.read_image(SAMPLES / "astronaut.png"))
    assert gender == "female"
    assert 20 <= years <= 60  # Eileen Collins was in her thirties.


def test_a_face_is_found_and_noise_is_none():
    finder = detection.FaceFinder()
    for path in sorted(SAMPLES.iterdir()):
        assert finder.count(images.read_image(path)) == 1
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (128, 128, 3), dtype=np.uint8)
    assert finder.count(noise) == 0
    upside_down = images.read_image(SAMPLES / "astronaut.png")[::-1]
    assert finder.count(upside_down) == 0


def test_judges_predict_every_picture_in_order():
    asked = (("Dlib", "HSE"), ("HSE",), str(HSE))
    judges = Judges(functools.partial(panel.make_panel, *asked))
    face = images.read_image(SAMPLES / "astronaut.png")
    predictions = judges.predict([face, np.zeros_like(face), face], "test")
    np.testing.assert_array_equal(predictions.counts, [1, 0, 1])
    for judge in ("Dlib", "HSE"):
        ages = predictions.ages[judge]
        assert ages[0] == ages[2]
        assert np.isnan(ages[1])
        assert predictions.genders[judge].tolist() == ["female", "", "female"]
    assert len(judges.predict([], "nothing").ages["HSE"]) == 0
    assert np.isnan(predictions.descriptors["HSE"][1]).all()
    # A picture without a face still counts where sets are compared.
    assert np.isfinite(predictions.embeddings["HSE"]).all()
    np.testing.assert_array_equal(
        judges.embed([face], "test")["HSE"][0], predictions.embeddings["HSE"][2]
    )

    moved = predictions.at(np.array([[1, 2], [-1, 0]]))
    np.testing.assert_array_equal(moved.counts, [[0, 1], [-1, 1]])
    assert np.isnan(moved.ages["HSE"][1, 0])
    assert moved.embeddings["HSE"].shape == (2, 2, 1024)
    assert np.isnan(moved.embeddings["HSE"][1, 0]).all()
