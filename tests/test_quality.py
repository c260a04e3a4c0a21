import numpy as np
import pytest
from sklearn.metrics.pairwise import polynomial_kernel

from ipcgan.evaluation import baselines, quality


def scikit_learn_kid(x, y):
    """The unbiased estimate, written down from the paper, kernels by scikit-learn.

    torch-fidelity and clean-fid would bring PyTorch, 2 GB, for these ten lines.
    """
    kernels = [
        polynomial_kernel(a, b, degree=3, gamma=1 / x.shape[1], coef0=1)
        for a, b in ((x, x), (y, y), (x, y))
    ]
    total = 0.0
    for kernel in kernels[:2]:
        count = len(kernel)
        off_diagonal = [
            kernel[i, j] for i in range(count) for j in range(count) if i != j
        ]
        total += sum(off_diagonal) / (count * (count - 1))
    return total - 2 * kernels[2].mean()


def test_kid_is_that_of_an_independent_implementation():
    random = np.random.default_rng(0)
    x, y = random.normal(0.0, 1.0, (17, 6)), random.normal(0.4, 1.2, (23, 6))
    # Double precision on both sides.
    assert quality.kid(x, y)[0] == pytest.approx(scikit_learn_kid(x, y), rel=1e-10)


def test_kid_of_sets_of_one_kind_is_0_on_average():
    random = np.random.default_rng(0)
    values = [
        quality.kid(random.normal(size=(20, 4)), random.normal(size=(30, 4)))
        for _ in range(200)
    ]
    found, errors = np.array(values).T
    # 200 draws: the mean is within three of its own standard errors.
    assert abs(found.mean()) < 3 * found.std() / np.sqrt(200)
    # The jackknife's error is about the spread that there really is.
    assert 0.7 < errors.mean() / found.std() < 1.4


def test_pairs_of_one_person_must_be_left_out():
    """Faces and their own copies: without the pairs the distance is 0 on average."""
    random = np.random.default_rng(0)
    naive, paired = [], []
    for _ in range(200):
        faces = random.normal(size=(20, 4))
        copies = faces + random.normal(scale=0.01, size=faces.shape)
        naive.append(quality.kid(faces, copies)[0])
        paired.append(quality.kid(faces, copies, related=np.eye(20, dtype=bool))[0])
    # What is left between a face and its noisier copy is far below 0.05.
    assert abs(np.mean(paired)) < 0.05
    assert np.mean(naive) < -0.2


def test_kid_of_too_few_faces_is_unknown():
    assert np.isnan(quality.kid(np.ones((2, 3)), np.ones((9, 3)))).all()


def test_tint_gives_the_mean_colour_of_real_faces():
    faces = np.full((2, 4, 4, 3), (100, 110, 120), np.uint8)
    faces[1] += 10
    real = np.full((3, 4, 4, 3), (125, 105, 125), np.uint8)
    tinted = baselines.tint(faces, real)
    # The faces' mean is (105, 115, 125): all are shifted by (20, -10, 0).
    np.testing.assert_array_equal(tinted[0, 0, 0], (120, 100, 120))
    np.testing.assert_array_equal(tinted[1, 0, 0], (130, 110, 130))


def test_blur_spreads_a_point_as_a_gaussian_of_two_pixels():
    face = np.zeros((1, 21, 21, 3), np.uint8)
    face[0, 10, 10] = 255
    blurred = baselines.blur(face)[0, :, :, 0].astype(float)
    # 255 / (2 pi 2^2) in the middle; OpenCV rounds to whole values.
    assert blurred[10, 10] == pytest.approx(255 / (8 * np.pi), abs=1)
    assert blurred[10, 12] / blurred[10, 10] == pytest.approx(np.exp(-0.5), abs=0.1)
