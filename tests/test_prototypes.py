"""Ageing by prototypes, of faces whose means can be seen by eye."""

from pathlib import Path

import numpy as np
import pytest

from ipcgan import photos
from ipcgan.age_groups import CACD
from ipcgan.data import face_mesh, images, laid_faces, prototypes
from ipcgan.data.laid_faces import FEWEST
from ipcgan.data.records import DataError, Record

SIZE = 48
_POINTS = np.random.default_rng(0).uniform(6, SIZE - 6, (68, 2))
_POINTS[60:] = (SIZE - 1) / 2, SIZE - 6  # The mouth is shut, and out of the way.
# Of faces that look straight ahead: they are their own mirror image.
LANDMARKS = (_POINTS + face_mesh.mirrored(_POINTS, SIZE)) / 2
CHECKS = np.indices((SIZE, SIZE)).sum(axis=0) % 2 * 2.0 - 1.0  # -1 and 1 in turn.


# The same, as an oval within the picture.
_TURN = np.linspace(0, 2 * np.pi, 68, endpoint=False)
_OVAL = (SIZE - 1) / 2 + 0.45 * SIZE * np.stack([np.cos(_TURN), np.sin(_TURN)], axis=1)
_OVAL[60:] = _POINTS[60:]
OVAL = (_OVAL + face_mesh.mirrored(_OVAL, SIZE)) / 2
# A face so small that nearly all of the picture is behind it.
SMALL = (SIZE - 1) / 2 + (LANDMARKS - (SIZE - 1) / 2) * 0.1


def face(level, contrast=0.0):
    return np.repeat((level + contrast * CHECKS)[..., None], 3, 2).astype(np.uint8)


def Prototypes(store, strength, find_landmarks=lambda face: LANDMARKS):
    return prototypes.Prototypes(store, strength, find_landmarks, CACD)


def around(image):
    """The corners, [4, 3, 3, ...], behind the face, which keeps its own brightness."""
    return np.stack([image[rows, columns] for rows in _ENDS for columns in _ENDS])


_ENDS = slice(3), slice(-3, None)


class Store:
    """Stands for an ImageStore: of each (group, gender, race, ...) FEWEST faces.

    Ages are those of the groups in `ages`, and unknown of the others.
    """

    image_size = SIZE

    def __init__(self, faces, count=FEWEST, ages=None):
        self.records, self._faces = [], []
        for (group, *labels), image in faces.items():
            gender, race, collection = (*labels, None, None, None)[:3]
            record = Record(
                Path("face.png"),
                group,
                (ages or {}).get(group),
                gender=gender,
                race=race,
                collection=collection,
            )
            self.records += [record] * count
            self._faces += [image] * count

    def face(self, position):
        return self._faces[position]

    def first(self, *labels):
        """The first record with these labels."""
        return next(
            r
            for r in self.records
            if (r.group, r.gender, r.race, r.collection)[: len(labels)] == labels
        )


@pytest.mark.parametrize(("strength", "level"), [(1.0, 130), (2.0, 170), (9.0, 255)])
def test_the_difference_of_the_means_is_added_as_often_as_asked(strength, level):
    store = Store({(0,): face(100), (1,): face(140)})
    aged = Prototypes(store, strength)(face(90), store.first(0), 1)
    assert (aged.dtype, aged.shape) == (np.float32, (SIZE, SIZE, 3))
    np.testing.assert_allclose(around(aged), level, atol=1e-3)


def test_what_is_between_the_lips_stays_as_it_is():
    open_mouth = LANDMARKS.copy()
    left, middle, right, top, bottom = 17.0, 23.5, 30.0, 30.0, 40.0
    open_mouth[60:68] = [
        *((left, 35.0), (left, top), (middle, top), (right, top)),
        *((right, 35.0), (right, bottom), (middle, bottom), (left, bottom)),
    ]
    young, old = redder_above()
    store = Store({(0,): young, (1,): old})
    aged = Prototypes(store, 1.0, lambda face: open_mouth)(young, store.first(0), 1)
    np.testing.assert_allclose((aged - young)[33:38, 20:28], 0, atol=1e-3)
    np.testing.assert_allclose((aged - young)[33:38, :5, 0], -15, atol=1)


@pytest.mark.parametrize(("strength", "eyes_change"), [(0.5, 7.5), (1, 15), (2, 15)])
def test_eyes_change_once_however_often_the_skin_beside_them_does(
    strength, eyes_change
):
    eyes = LANDMARKS.copy()
    eye = np.array(
        [
            (6.0, 20.0),
            (9.0, 16.0),
            (15.0, 16.0),
            (18.0, 20.0),
            (15.0, 24.0),
            (9.0, 24.0),
        ]
    )
    eyes[36:42], eyes[42:48] = eye, eye + (24.0, 0.0)
    young, old = redder_above()
    store = Store({(0,): young, (1,): old})
    aged = Prototypes(store, strength, lambda face: eyes)(young, store.first(0), 1)
    red = (aged - young)[..., 0]
    for first in (9, 33):
        np.testing.assert_allclose(red[18:22, first : first + 6], eyes_change, atol=0.5)
    np.testing.assert_allclose(red[17:23, SIZE // 2], 15 * strength, atol=1)


@pytest.mark.parametrize(
    ("age", "developed"),
    # Half way from 0 to 20 years by the logarithm: 21 ** 0.5 - 1 years.
    [(0, -np.log(21)), (3.5826, -np.log(21) / 2), (20, 0), (41, 1), (83, 3)],
)
def test_faces_develop_by_the_logarithm_and_then_alike_each_year(age, developed):
    assert laid_faces.development(age) == pytest.approx(developed, abs=1e-4)


def test_a_line_over_all_groups_says_how_a_face_grows_older():
    # Developments of 0, 1 and 2: of 100, 130 and 140 the line rises by 20 each.
    levels, ages = {(0,): 100, (3,): 130, (4,): 140}, {0: 20, 3: 41, 4: 62}
    store = Store({labels: face(level) for labels, level in levels.items()}, ages=ages)
    ageing = Prototypes(store, 1.0)
    for source, target, level in ((0, 3, 70), (0, 4, 90), (4, 3, 30), (4, 0, 10)):
        aged = ageing(face(50), store.first(source), target)
        np.testing.assert_allclose(around(aged), level, atol=1e-3)


def test_a_face_changes_by_the_years_from_its_own_age():
    store = Store({(0,): face(100), (4,): face(140)}, ages={0: 20, 4: 62})
    ageing = Prototypes(store, 1.0)
    # 20 each 21 years, and 62 years are the mean of the older ones.
    for age, level in ((20, 90), (41, 70), (51.5, 60), (83, 30)):
        aged = ageing(face(50), Record(Path("face.png"), 0, age), 4)
        np.testing.assert_allclose(around(aged), level, atol=1e-3)


def test_light_from_a_side_is_not_taken_for_age():
    faces = {
        (0, "a"): face(100),
        (0, "b"): lit(108, 92),
        (1, "c"): lit(148, 132),
        (1, "d"): lit(156, 124),
    }
    store = Store(faces)
    ageing = Prototypes(store, 1.0, lambda face: SMALL)
    change = ageing(lit(108, 92), store.first(0, "b"), 1) - lit(108, 92)
    left, right = change[:, : SIZE // 4].mean(), change[:, -SIZE // 4 :].mean()
    assert (left + right) / 2 == pytest.approx(40, abs=1)
    # The older are lit more from the side: by 16 for those that are lit alike.
    assert left - right == pytest.approx(0, abs=10)


def test_half_of_what_makes_a_face_of_the_other_gender_is_left_out():
    # Women are paler at the chin, by 40. So are older men, by 20, and all over by 10.
    level = {("male", 0): (100, 60), ("male", 1): (110, 90)}
    level |= {("female", 0): (100, 100), ("female", 1): (110, 110)}
    faces = {(g, gender): banded(*both) for (gender, g), both in level.items()}
    store = Store(faces)
    ageing = Prototypes(store, 1.0, lambda face: OVAL)
    aged = ageing(face(50), store.first(0, "male"), 1).mean(axis=(1, 2))
    gained = aged[SIZE // 2 + 4] - aged[SIZE // 2 - 4]
    assert gained == pytest.approx(10, abs=2)
    # Women change as they do: to a woman nothing of it is the other gender's.
    aged = ageing(face(50), store.first(0, "female"), 1)
    np.testing.assert_allclose(around(aged), 60, atol=0.5)


def test_no_shape_of_the_other_gender_is_left():
    # Women's faces are higher in the picture, by 4 pixels; so are older men's.
    higher = OVAL - (0.0, 4.0)
    levels = {(0, "male"): 90, (0, "female"): 92, (1, "male"): 94, (1, "female"): 96}
    store = Store({labels: face(level) for labels, level in levels.items()})

    def find(image):
        return OVAL if image.mean() < 91 else higher

    source = face(90)
    source[22:26] = 60  # A dark band, which would go up with the landmarks.
    aged = Prototypes(store, 2.0, find)(source, store.first(0, "male"), 1)
    darkness = 90 - aged[:, SIZE // 2, 0].clip(max=90)
    centre = (darkness * np.arange(SIZE)).sum() / darkness.sum()
    assert centre == pytest.approx(23.5, abs=0.3)


def test_a_face_of_its_own_group_stays_as_it_is():
    store = Store({(0,): face(100, 5), (1,): face(140)})
    aged = Prototypes(store, 2.0)(face(90, 30), store.first(0), 0)
    np.testing.assert_array_equal(aged, face(90, 30))


@pytest.mark.parametrize("strength", [1.0, 1.5])
def test_contrast_changes_once_as_it_does_between_the_groups(strength):
    store = Store({(0,): face(100, 10), (1,): face(100, 20)})
    ageing = Prototypes(store, strength)
    older = ageing(face(100, 15), store.first(0), 1)
    np.testing.assert_allclose(older[..., 0] - 100, 30 * CHECKS, rtol=0.01)
    younger = ageing(face(100, 15), store.first(1), 0)
    np.testing.assert_allclose(younger[..., 0] - 100, 7.5 * CHECKS, rtol=0.01)


def coloured(left, right):
    """A face of one colour at the left and at the right, and its mirror image's."""
    image = np.empty((SIZE, SIZE, 3), np.uint8)
    image[:, : SIZE // 4] = image[:, -SIZE // 4 :] = left
    image[:, SIZE // 4 : -SIZE // 4] = right
    return image


def redder_above():
    """A face, and how it grows older: above redder by 15, below as much less red.

    Its mean colour stays, and its luminance everywhere: 0.299 * 15 = 0.114 * 39.34.
    """
    change = np.array([15.0, 0.0, -0.299 / 0.114 * 15.0])
    young = np.full((SIZE, SIZE, 3), (100.0, 80.0, 60.0))
    above = np.arange(SIZE)[:, None, None] < SIZE // 2
    return young, young + np.where(above, change, -change)


def test_a_group_s_colour_cast_is_left_out():
    store = Store(
        {
            (0,): coloured((100, 80, 60), (100, 80, 60)),
            (1,): coloured((110, 90, 60), (110, 90, 60)),
        }
    )
    source = coloured((120, 70, 60), (120, 70, 60))
    aged = Prototypes(store, 1.0)(source, store.first(0), 1)
    # 8.86 is the luminance of (10, 10, 0): 10 * (0.299 + 0.587).
    np.testing.assert_allclose(around(aged) - around(source), 8.86, atol=1e-3)


@pytest.mark.parametrize("level", [60, 140])
def test_skin_stays_as_light_as_it_is(level):
    store = Store({(0,): face(100), (1,): face(level)})
    aged = Prototypes(store, 2.0)(face(90), store.first(0), 1)
    within = aged[SIZE // 2 - 6 : SIZE // 2 + 6, SIZE // 2 - 6 : SIZE // 2 + 6]
    np.testing.assert_allclose(within, 90, atol=1)


@pytest.mark.parametrize(
    ("source", "share"),
    [((100, 80, 60), 1.0), ((90, 80, 70), 0.5), ((80, 80, 80), 0.0)],
)
def test_a_face_changes_colour_as_far_as_it_has_colour(source, share):
    young, old = redder_above()
    store = Store({(0,): young, (1,): old})
    image = np.full((SIZE, SIZE, 3), source, np.float32)
    aged = Prototypes(store, 1.0)(image, store.first(0), 1)
    top = (aged - image)[: SIZE // 4].mean(axis=(0, 1))
    change = (15, 0, -0.299 / 0.114 * 15)
    np.testing.assert_allclose(top, np.multiply(share, change), atol=1.0)


def test_faces_change_as_those_of_their_gender(monkeypatch):
    monkeypatch.setattr(prototypes, "ALIKE", 1000)  # All are.
    levels = {
        (0, "male"): 100,
        (0, "female"): 100,
        (1, "male"): 110,
        (1, "female"): 150,
    }
    store = Store({labels: face(level) for labels, level in levels.items()})
    ageing = Prototypes(store, 1.0)
    for gender, change in (("male", 10), ("female", 50)):
        aged = ageing(face(50), store.first(0, gender), 1)
        np.testing.assert_allclose(around(aged), 50 + change, atol=1e-3)
    # A face without labels, and genders of which there are too few: as all.
    few = Store(
        {labels: face(level) for labels, level in levels.items()}, count=FEWEST // 2
    )
    for known, record in ((few, few.first(0, "male")), (store, Record(Path("a"), 0))):
        aged = Prototypes(known, 1.0)(face(50), record, 1)
        np.testing.assert_allclose(around(aged), 80, atol=1e-3)


@pytest.mark.parametrize("place", [1, 2])
def test_races_and_collections_are_not_taken_for_age(place):
    # One sort of faces is darker by 40, and fewer of the younger faces are of it.
    darker, paler = [(None,) * place + (name,) for name in ("A", 1)]
    faces = {(0, *darker): 60, (0, *paler): 100, (1, *darker): 80, (1, *paler): 120}
    store = Store(
        {labels: face(level) for labels, level in faces.items()}, count=2 * FEWEST
    )
    # The first faces are young and dark.
    for position in range(FEWEST):
        store.records[position] = store.records[-1]
        store._faces[position] = store._faces[-1]
    aged = Prototypes(store, 1.0)(face(50), store.first(0), 1)
    np.testing.assert_allclose(around(aged), 70, atol=0.1)


def banded(upper, lower):
    """A face whose lower half has another level."""
    image = face(upper)
    image[SIZE // 2 :] = lower
    return image


def lit(left, right):
    image = face(left)
    image[:, SIZE // 2 :] = right
    return image


@pytest.mark.parametrize("source", [lit(110, 90), lit(90, 110)])
def test_a_face_changes_as_faces_that_are_lit_alike(source, monkeypatch):
    monkeypatch.setattr(prototypes, "ALIKE", FEWEST)  # As many as are lit alike.
    # Those of the training set count mirrored as well.
    store = Store({(0,): lit(120, 80), (1, "a"): lit(160, 120), (1, "b"): face(200)})
    aged = Prototypes(store, 1.0, lambda face: SMALL)(source, store.first(0), 1)
    # 100 + (140 - 100), and not 100 + (170 - 100), as by all of them.
    assert aged.mean() == pytest.approx(140, abs=2)


def test_the_parts_of_a_face_move_half_as_often_as_its_colours_change():
    lower = LANDMARKS + (0.0, 3.0)

    def find(image):
        # The older faces are those that are brighter.
        return lower if image.mean() > 120 else LANDMARKS

    store = Store({(0,): face(100), (1,): face(140)})
    source = face(100)
    source[22:26] = 60  # A dark band, which goes down with the landmarks around it.
    for strength, moved in ((1.0, 1.5), (2.0, 3.0)):
        aged = Prototypes(store, strength, find)(source, store.first(0), 1)
        rows = aged[:, SIZE // 2, 0]
        darkness = 100 - rows.clip(max=100)
        centre = (darkness * np.arange(SIZE)).sum() / darkness.sum()
        assert centre == pytest.approx(23.5 + moved, abs=0.5)


def test_an_area_is_widened_away_from_its_middle():
    square = np.array([(8.0, 8.0), (16.0, 8.0), (16.0, 16.0), (8.0, 16.0)])
    for wider, first, last in ((0.0, 8, 16), (3.0 * 2**0.5, 5, 19)):
        area = face_mesh.inside(square, 24, 24, blur=0.1, wider=wider)
        rows, columns = np.nonzero(area[..., 0] > 0.5)
        assert (rows.min(), rows.max()) == (first, last)
        assert (columns.min(), columns.max()) == (first, last)


def test_landmarks_that_are_mirrored_twice_are_themselves():
    once = face_mesh.mirrored(_POINTS, SIZE)
    assert once[36] == pytest.approx(_POINTS[45] * (-1, 1) + (SIZE - 1, 0))
    np.testing.assert_allclose(face_mesh.mirrored(once, SIZE), _POINTS)


def test_an_image_bends_between_the_landmarks_and_its_border_stays():
    mesh = face_mesh.FaceMesh(LANDMARKS, SIZE)
    rows, columns = np.indices((SIZE, SIZE), np.float32)
    moved = LANDMARKS + (2.0, -1.0)
    x, y = mesh.places(LANDMARKS, moved)
    for column, row in np.round(moved).astype(int)[:17]:
        # What lies at a moved landmark comes from where the landmark was.
        assert x[row, column] == pytest.approx(column - 2.0, abs=1.0)
        assert y[row, column] == pytest.approx(row + 1.0, abs=1.0)
    for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        np.testing.assert_allclose(x[edge], columns[edge], atol=0.5)
        np.testing.assert_allclose(y[edge], rows[edge], atol=0.5)


def test_landmarks_of_a_real_face_are_where_its_parts_are():
    image = images.read_image(Path("images/test/astronaut.png"))
    points = photos.landmark_finder()(image) / len(image)
    # Seen by eye, in shares of the picture.
    for first, end, place in (
        (36, 42, (0.30, 0.29)),  # the eye at the left
        (42, 48, (0.69, 0.30)),
        (30, 31, (0.50, 0.51)),  # the nose's tip
        (48, 68, (0.49, 0.68)),  # the lips
        (8, 9, (0.48, 0.98)),  # the chin
    ):
        assert points[first:end].mean(axis=0) == pytest.approx(place, abs=0.04)


def test_a_group_without_a_readable_face_is_refused():
    store = Store({(0,): face(100), (1,): None})
    with pytest.raises(DataError, match="group number 1 is unreadable"):
        Prototypes(store, 1.0)
