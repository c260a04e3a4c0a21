"""The warp to a template and back, with known answers."""

import math

import cv2
import numpy as np
import pytest

from ipcgan.photos import DLIB_TEMPLATE, alignment, pasting

SIZE = 64
MASK = pasting.face_mask(DLIB_TEMPLATE, SIZE)
MARGIN = MASK.margin


def turned_points(degrees, scale, shift):
    """The template's points, as a photograph of a turned head has them."""
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return scale * DLIB_TEMPLATE @ turn.T + shift


@pytest.mark.parametrize("degrees", [0, 30, 180, -90])
@pytest.mark.parametrize("scale", [30.0, 64.0, 500.0])
def test_the_transform_brings_the_points_to_the_template(degrees, scale):
    points = turned_points(degrees, scale, (120.0, 90.0))
    transform = alignment.to_crop(points, DLIB_TEMPLATE, SIZE)
    np.testing.assert_allclose(
        alignment.apply(transform, points), DLIB_TEMPLATE * SIZE - 0.5, atol=1e-9
    )
    assert alignment.scale_of(transform) == pytest.approx(SIZE / scale)


def test_points_that_are_all_one_are_refused():
    with pytest.raises(ValueError, match="one point"):
        alignment.to_crop(np.ones((5, 2)), DLIB_TEMPLATE, SIZE)


@pytest.mark.parametrize("scale", [40.0, 64.0, 300.0])
def test_a_drawn_point_is_cut_where_the_transform_says(scale):
    photo = np.zeros((600, 700, 3), np.uint8)
    points = turned_points(20, scale, (300.0, 200.0))
    x, y = points[4].round()
    cv2.circle(photo, (int(x), int(y)), round(scale / 20), (255, 255, 255), -1)
    transform = alignment.to_crop(points, DLIB_TEMPLATE, SIZE)
    crop = alignment.cut(photo, transform, SIZE)[..., 0].astype(float)
    rows, columns = np.indices(crop.shape)
    middle = (columns * crop).sum() / crop.sum(), (rows * crop).sum() / crop.sum()
    expected = alignment.apply(transform, np.array([[x, y]]))[0]
    np.testing.assert_allclose(middle, expected, atol=0.15)


def test_every_pixel_of_a_large_face_counts():
    photo = np.zeros((640, 640, 3), np.uint8)
    photo[::2] = 200  # stripes of one pixel, ten to a pixel of the crop
    transform = np.array([[0.1, 0.0, -0.45], [0.0, 0.1, -0.45]])
    crop = alignment.cut(photo, transform, SIZE)
    np.testing.assert_allclose(crop, 100, atol=1)


def test_beyond_the_photograph_its_border_is_repeated():
    photo = np.full((50, 50, 3), 77, np.uint8)
    transform = np.array([[1.0, 0.0, 40.0], [0.0, 1.0, 40.0]])
    assert (alignment.cut(photo, transform, SIZE) == 77).all()
    inside = alignment.share_inside(transform, SIZE, photo.shape)
    assert inside == pytest.approx((24 / 64) ** 2)
    away = np.array([[1.0, 0.0, -400.0], [0.0, 1.0, 400.0]])
    assert (alignment.cut(photo, away, SIZE) == 77).all()
    assert alignment.share_inside(away, SIZE, photo.shape) == 0


def test_the_mask_is_the_face_to_within_the_hair_and_never_the_border():
    share, margin = MASK.share, MASK.margin
    assert share.shape == (SIZE + 2 * margin,) * 2 and MASK.skin.shape == (SIZE, SIZE)
    assert share.max() == 1 and share.min() == 0
    border = np.concatenate([share[0], share[-1], share[:, 0], share[:, -1]])
    assert not border.any()
    for x, y in (DLIB_TEMPLATE * SIZE).astype(int):
        assert share[margin + y, margin + x] == 1 and MASK.skin[y, x]
    assert share[margin + SIZE // 20, margin + SIZE // 2] == 1  # the forehead
    assert 0.1 < share[margin - SIZE // 8, margin + SIZE // 2] < 0.9  # above the crop
    for corner in ((0, 0), (0, -1), (-1, 0), (-1, -1)):
        assert share[margin:-margin, margin:-margin][corner] == 0
    # No edge: neighbours differ little.
    assert np.abs(np.diff(share, axis=0)).max() < 0.2


def test_a_mask_of_a_narrow_template_still_ends_before_the_border():
    wide = (DLIB_TEMPLATE - 0.5) * 1.8 + 0.5
    share = pasting.face_mask(wide, SIZE).share
    assert not np.concatenate([share[0], share[-1], share[:, 0], share[:, -1]]).any()


def pasted(photo, change, points):
    photo = photo.copy()
    transform = alignment.to_crop(points, DLIB_TEMPLATE, SIZE)
    pasting.paste(photo, change, transform, (len(change) - SIZE) // 2)
    return photo


@pytest.mark.parametrize("scale", [30.0, 64.0, 900.0])
def test_an_unchanged_face_leaves_the_photograph_as_it_was(scale):
    photo = np.random.default_rng(0).integers(0, 256, (400, 400, 3), dtype=np.uint8)
    seen = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    change = pasting.change_of(seen, seen, MASK)
    points = turned_points(10, scale, (100.0, 150.0))
    np.testing.assert_array_equal(pasted(photo, change, points), photo)


@pytest.mark.parametrize("scale", [64.0, 900.0])
def test_a_change_lands_inside_the_face_and_fine_detail_stays(scale):
    random = np.random.default_rng(0)
    photo = random.integers(100, 130, (1000, 1000, 3), dtype=np.uint8)
    seen = np.full((SIZE, SIZE, 3), 110, np.uint8)
    aged = seen.copy()
    aged[24:40, 24:40] += 40  # less than half of the face: else it would be a tint.
    points = turned_points(0, scale, (20.0, 30.0))
    result = pasted(photo, pasting.change_of(seen, aged, MASK), points)
    change = result.astype(int) - photo
    x, y = (0.49 * scale + 20, 0.5 * scale + 30)
    # Everywhere in the middle 40 levels more: not one pixel of the grain is lost.
    middle = change[int(y) - 3 : int(y) + 4, int(x) - 3 : int(x) + 4]
    np.testing.assert_array_equal(middle, 40)
    outside = np.ones(photo.shape[:2], bool)
    outside[30 : int(30 + scale), 20 : int(20 + scale)] = False
    assert np.abs(change[outside]).max() <= 1


def test_a_tint_is_no_change_and_what_is_beside_it_is():
    seen = np.random.default_rng(0).integers(50, 150, (64, 64, 3), dtype=np.uint8)
    tinted = seen + np.array([20, 0, 7], np.uint8)
    np.testing.assert_array_equal(pasting.change_of(seen, tinted, MASK), 0)
    tinted[30:35, 28:36] -= 12  # a wrinkle
    expected = np.zeros((SIZE, SIZE, 3), np.float32)
    expected[30:35, 28:36] = -12
    inside = pasting.change_of(seen, tinted, MASK)[MARGIN:-MARGIN, MARGIN:-MARGIN]
    np.testing.assert_allclose(inside[8:-8, 8:-8], expected[8:-8, 8:-8], atol=1e-4)


def test_greying_hair_does_not_darken_the_face():
    seen = np.random.default_rng(0).integers(50, 150, (64, 64, 3), dtype=np.uint8)
    aged = seen.copy()
    aged[~MASK.skin] += 24
    inside = pasting.change_of(seen, aged, MASK)[MARGIN:-MARGIN, MARGIN:-MARGIN]
    assert not inside[8:-8, 8:-8][MASK.skin[8:-8, 8:-8]].any()


@pytest.mark.parametrize("hair", [20, 140])
def test_what_lightens_dark_hair_is_partly_left_out(hair):
    """A crop of skin of 150 levels whose upper eighth, and right side, are hair."""
    seen = np.full((SIZE, SIZE, 3), (160, 150, 110), np.uint8)
    seen[:8] = hair
    seen[:, 56:] = hair
    aged = seen.copy()
    aged[:8] += np.array([60, 40, 50], np.uint8)
    aged[:, 56:] += np.array([60, 40, 50], np.uint8)
    change = pasting.change_of(seen, aged, MASK)[MARGIN:-MARGIN, MARGIN:-MARGIN]
    share = MASK.share[MARGIN:-MARGIN, MARGIN:-MARGIN, None]
    for place, left in (((36, 57), 0.15), ((7, 32), 0.6)):
        assert share[place] > 0.1
        found = change[place] / share[place]
        left = left if hair < 100 else 1.0  # Nearly as light as skin: no dark hair.
        np.testing.assert_allclose(found, left * np.array([60, 40, 50]), atol=12)
    # What darkens hair is not left out: it may become dark again.
    darker = pasting.change_of(seen, np.maximum(seen, 15) - 15, MASK)
    np.testing.assert_allclose(darker, 0.0, atol=1e-4)  # All of it: a tint.


def test_eyes_and_mouth_are_no_hair():
    for x, y in (DLIB_TEMPLATE[1::2] * SIZE).astype(int):
        assert MASK.hair[y, x] == 0
    assert MASK.hair[int(0.8 * SIZE), SIZE // 2] < 0.2  # the mouth


def test_hair_goes_on_greying_above_the_crop_and_fades_out():
    seen = np.full((SIZE, SIZE, 3), 60, np.uint8)
    aged = seen.copy()
    aged[: SIZE // 4] += 40
    column = pasting.change_of(seen, aged, MASK)[:, MARGIN + SIZE // 2, 0]
    above = column[: MARGIN + 1]
    assert above[0] == 0 and above[-1] > 30
    assert (np.diff(above) >= 0).all() and np.diff(above).max() < 6  # no step.


def test_detail_ends_with_the_crop():
    """A line that runs out of the crop is not drawn on beyond it."""
    seen = np.full((SIZE, SIZE, 3), 100, np.uint8)
    aged = seen.copy()
    aged[:, 31:33] -= 80
    change = pasting.change_of(seen, aged, MASK)[..., 0]
    line = change[:, MARGIN + 31] - change[:, MARGIN + 25]
    assert line[MARGIN + 10] < -70
    assert np.abs(line[:MARGIN]).max() < 8


@pytest.mark.parametrize("scale", [30.0, 64.0, 300.0])
def test_nothing_changes_where_the_mask_is_nothing(scale):
    """To the bit, whatever the network does, and however large the face is."""
    random = np.random.default_rng(0)
    photo = random.integers(0, 256, (400, 400, 3), dtype=np.uint8)
    seen, aged = random.integers(0, 256, (2, SIZE, SIZE, 3), dtype=np.uint8)
    points = turned_points(10, scale, (60.0, 30.0))
    result = pasted(photo, pasting.change_of(seen, aged, MASK), points)
    transform = alignment.to_crop(points, DLIB_TEMPLATE, SIZE)
    # The mask in the photograph, and the few pixels of the crop that a warp reads.
    reach = 1 + 3 * math.ceil(alignment.scale_of(transform))
    near = cv2.dilate(MASK.share, np.ones((2 * reach + 1, 2 * reach + 1)))
    transform[:, 2] += MARGIN
    near = cv2.warpAffine(
        near, transform, (400, 400), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    np.testing.assert_array_equal(result[near == 0], photo[near == 0])
    assert (result != photo).any()


def test_a_face_outside_the_photograph_changes_nothing():
    photo = np.zeros((50, 50, 3), np.uint8)
    change = np.full((SIZE, SIZE, 3), 9, np.float32)
    points = turned_points(0, 40.0, (500.0, -300.0))
    np.testing.assert_array_equal(pasted(photo, change, points), photo)


def test_small_squares_and_aligned_faces_are_crops():
    assert alignment.small_square((200, 200, 3), 128)
    assert alignment.small_square((256, 205, 3), 128)
    assert not alignment.small_square((257, 257, 3), 128)
    assert not alignment.small_square((250, 190, 3), 128)
    points = DLIB_TEMPLATE * 500 - 0.5
    assert alignment.is_aligned(points, (500, 500, 3), DLIB_TEMPLATE)
    assert alignment.is_aligned(points + (25, 0), (500, 550, 3), DLIB_TEMPLATE)
    assert not alignment.is_aligned(points + (40, 0), (500, 500, 3), DLIB_TEMPLATE)
    assert not alignment.is_aligned(points, (500, 800, 3), DLIB_TEMPLATE)
