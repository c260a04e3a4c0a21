import numpy as np

from ipcgan.evaluation import age, identity, intervals


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


def test_means_of_equal_few_or_no_values():
    assert intervals.mean_interval([4.0, 4.0]) == (4.0, 4.0, 4.0)
    assert intervals.mean_interval([4.0, np.nan]) == (4.0, 4.0, 4.0)
    assert np.isnan(intervals.mean_interval([])).all()


def test_interval_as_text():
    assert intervals.text((0.5, 0.25, 0.75), 100) == "50.0 (25.0 to 75.0)"


def test_who_never_steps_back():
    ages = np.array([[20, 30, 40], [20, 30, 29], [20, 20, 20], [30, 29.6, 40]])
    np.testing.assert_array_equal(age.never_steps_back(ages), [True, False, True, True])


def test_distances_are_euclidean_row_by_row():
    a, b = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([[3.0, 4.0], [1.0, 1.0]])
    np.testing.assert_allclose(identity.distances(a, b), [5.0, 0.0])


def test_recogniser_knows_a_person_again(tmp_path):
    """dlib's network through DeepFace, offline, on the sample face."""
    import pathlib

    from ipcgan.data import images

    face = images.read_image(
        pathlib.Path(__file__).parents[1] / "images" / "test" / "astronaut.png"
    )
    recogniser = identity.DlibRecogniser(tmp_path)
    own = recogniser.describe(face)
    assert own.shape == (128,)
    mirrored = recogniser.describe(face[:, ::-1])
    assert np.linalg.norm(own - mirrored) < identity.DLIB_THRESHOLD


def test_judge_calls_a_grown_woman_so():
    import pathlib

    from ipcgan.data import images

    face = images.read_image(
        pathlib.Path(__file__).parents[1] / "images" / "test" / "astronaut.png"
    )
    years, gender = age.AgeJudge().judge(face)
    assert gender == "female"
    assert 20 <= years <= 60  # Eileen Collins was in her thirties.
