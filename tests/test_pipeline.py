import dataclasses
import threading
from pathlib import Path

import numpy as np
import pytest

from ipcgan.age_groups import AGE_CGAN
from ipcgan.data import images, pipeline
from ipcgan.data.image_store import ImageStore
from ipcgan.data.records import DataError, Record

GROUP_SIZES = (3, 2, 4, 1, 5)
SIZE = 4  # pixels


class NumberedFaces:
    """Stands for an ImageStore: the face at a position is even, of that value."""

    def __init__(self, group_sizes=GROUP_SIZES):
        groups = np.repeat(np.arange(len(group_sizes)), group_sizes)
        self.records = [Record(Path("face.png"), int(group)) for group in groups]
        self.unreadable = {}

    def face(self, position):
        return np.full((SIZE, SIZE, 3), position, np.uint8)

    def positions(self, image):
        """The positions of the faces in [N, S, S, 3]."""
        return images.to_uint8(image)[:, 0, 0, 0].tolist()

    def groups(self, image):
        return [self.records[position].group for position in self.positions(image)]


class HalfWhiteFaces(NumberedFaces):
    """Faces that are black at left and white at right."""

    def face(self, position):
        return np.repeat(np.array([[0, 255]], np.uint8), 2, 0)[..., None].repeat(3, 2)


def face_batches(**options):
    options = {"store": NumberedFaces(), "batch_size": 7, "seed": 0, **options}
    return pipeline.FaceBatches(**options)


def labelled_batches(**options):
    options = {"store": NumberedFaces(), "batch_size": 7, "seed": 0, **options}
    return pipeline.LabelledBatches(**options)


def assert_equal(batch, other):
    for values, other_values in zip(batch, other, strict=True):
        np.testing.assert_array_equal(values, other_values)


def mostly_readable_store(tmp_path, bad):
    """100 faces of each group in turn; those at the positions `bad` are missing."""
    images.write_image(tmp_path / "face.png", np.zeros((SIZE, SIZE, 3), np.uint8))
    records = [
        Record(tmp_path / ("none.png" if position in bad else "face.png"), position % 5)
        for position in range(500)
    ]
    return ImageStore(records, image_size=SIZE, memory_bytes=0)


def store_with_an_unreadable_group(tmp_path):
    """Both faces of group 3 are missing, which is less than one face in a hundred."""
    store = mostly_readable_store(tmp_path, bad=())
    records = [r for r in store.records if r.group != 3]
    records += [Record(tmp_path / "none.png", 3), Record(tmp_path / "no.png", 3)]
    return ImageStore(records, image_size=SIZE, memory_bytes=0)


def test_face_batch_shapes_types_and_ranges():
    batch = face_batches()(step=3)
    for image in (batch.source_image, batch.target_image):
        assert image.shape == (7, SIZE, SIZE, 3)
        assert image.dtype == np.float32
        assert -1 <= image.min() <= image.max() <= 1
    for group in (batch.source_group, batch.target_group, batch.wrong_group):
        assert group.shape == (7,)
        assert group.dtype == np.int32
        assert set(group.tolist()) <= {0, 1, 2, 3, 4}
    assert batch.noise is None


@pytest.mark.parametrize("make", [face_batches, labelled_batches])
def test_batch_is_a_function_of_seed_and_step_only(make):
    batches, others = make(), make()
    in_order = [batches(step) for step in range(6)]
    for step in (4, 0, 5, 4):
        assert_equal(others(step), in_order[step])
    assert (make(seed=1)(0)[0] != in_order[0][0]).any()


def test_source_groups_take_turns():
    batches = face_batches()
    counts = np.zeros(5, int)
    for step in range(5):
        group = batches(step).source_group
        # 7 faces of 5 groups: each once, and two of them twice.
        assert sorted(np.bincount(group, minlength=5)) == [1, 1, 1, 2, 2]
        counts += np.bincount(group, minlength=5)
    assert counts.tolist() == [7] * 5


def test_every_source_face_is_used_once_per_epoch():
    # One face of each group per step, so group g is through after its size of steps.
    batches = face_batches(batch_size=5)
    store = batches.store
    first = np.cumsum((0, *GROUP_SIZES))
    used = np.array([store.positions(batches(step).source_image) for step in range(60)])
    for group, size in enumerate(GROUP_SIZES):
        epochs = used[:, group].reshape(-1, size)
        expected = np.arange(first[group], first[group] + size)
        np.testing.assert_array_equal(
            np.sort(epochs), np.broadcast_to(expected, epochs.shape)
        )
    # 12 orders of 5 faces: all the same with a chance of 120^-11.
    assert len(np.unique(used[:, 4].reshape(-1, 5), axis=0)) > 1


def test_images_are_of_the_groups_that_the_batch_says():
    batches = face_batches()
    for step in range(10):
        batch = batches(step)
        assert batches.store.groups(batch.source_image) == batch.source_group.tolist()
        assert batches.store.groups(batch.target_image) == batch.target_group.tolist()


def test_targets_are_drawn_evenly_and_wrong_groups_from_the_four_others():
    batches = face_batches(batch_size=100)
    target, wrong = np.concatenate(
        [[b.target_group, b.wrong_group] for b in map(batches, range(20))], axis=1
    )
    assert (target != wrong).all()
    for group in range(5):
        # 2000 draws: 400 of each, and 4 standard deviations of 18.
        assert abs((target == group).sum() - 400) < 72
        # About 400 targets: 100 of each other group, 5 standard deviations of 9.
        of_this = np.bincount(wrong[target == group], minlength=5)
        assert (abs(np.delete(of_this, group) - 100) < 45).all()


def test_own_group_share_of_one_keeps_the_group():
    batches = face_batches(own_group_share=1.0)
    for step in range(5):
        batch = batches(step)
        np.testing.assert_array_equal(batch.target_group, batch.source_group)
        assert (batch.wrong_group != batch.target_group).all()


def test_own_group_share_adds_to_chance():
    batch = face_batches(own_group_share=0.5, batch_size=2000)(0)
    own = (batch.target_group == batch.source_group).sum()
    # 2000 * (0.5 + 0.5 / 5) = 1200, and 4 standard deviations of 22.
    assert abs(own - 1200) < 88


def test_target_years_are_those_of_the_target_group():
    assert face_batches()(0).target_years is None
    batch = face_batches(group_years=(16, 26, 35, 45, 62))(0)
    assert batch.target_years.dtype == np.float32
    expected = np.array([16, 26, 35, 45, 62])[batch.target_group]
    assert batch.target_years.tolist() == expected.tolist()


def test_half_of_the_faces_are_mirrored():
    batch = face_batches(store=HalfWhiteFaces(), batch_size=400)(0)
    for image in (batch.source_image, batch.target_image):
        left, right = image[:, 0, 0, 0], image[:, 0, 1, 0]
        np.testing.assert_array_equal(left, -right)  # -1 is black, 1 is white.
        assert abs((left == 1).sum() - 200) < 40  # 4 standard deviations of 10.


@pytest.mark.parametrize("make", [face_batches, labelled_batches])
def test_every_group_needs_a_face(make):
    with pytest.raises(DataError, match="No face of age group 31-40 among 4 faces"):
        make(store=NumberedFaces(group_sizes=(1, 1, 0, 1, 1)))


@pytest.mark.parametrize("make", [face_batches, labelled_batches])
def test_unreadable_faces_are_replaced_and_counted(make, tmp_path):
    bad = {0, 6, 12, 13, 499}  # one in a hundred, all groups but 3 twice.
    store = mostly_readable_store(tmp_path, bad)
    batches = make(store=store, batch_size=50)
    for step in range(40):
        batch = batches(step)
        assert batch[0].shape == (50, SIZE, SIZE, 3)
    assert store.unreadable.keys() <= bad
    if make is face_batches:  # 400 turns of each group's 100 faces: all were tried.
        assert store.unreadable.keys() == bad


@pytest.mark.parametrize("make", [face_batches, labelled_batches])
def test_more_than_one_in_a_hundred_unreadable_stops(make, tmp_path):
    batches = make(store=mostly_readable_store(tmp_path, bad=range(250)), batch_size=50)
    with pytest.raises(DataError, match="6 of 500 images cannot be read") as error:
        batches(0)
    assert str(error.value).count("none.png: no such file") == 6


@pytest.mark.parametrize("make", [face_batches, labelled_batches])
def test_a_wholly_unreadable_group_stops(make, tmp_path):
    batches = make(store=store_with_an_unreadable_group(tmp_path))
    with pytest.raises(DataError, match="Every face of age group 41-50 is unreadable"):
        batches(0)


def test_labelled_batch_shapes_types_and_labels():
    count = sum(GROUP_SIZES)
    batches = labelled_batches(
        person=list(range(count)), descriptor=10.0 * np.eye(count, dtype=np.float32)
    )
    for step in range(5):
        batch = batches(step)
        assert batch.image.shape == (7, SIZE, SIZE, 3)
        assert batch.image.dtype == np.float32
        assert -1 <= batch.image.min() <= batch.image.max() <= 1
        assert batch.group.dtype == batch.person.dtype == np.int32
        # The person is the position here, and so is the descriptor's only ten.
        groups = [batches.store.records[person].group for person in batch.person]
        assert batch.group.tolist() == groups
        assert batch.descriptor.argmax(1).tolist() == batch.person.tolist()
        assert sorted(np.bincount(batch.group, minlength=5)) == [1, 1, 1, 2, 2]


def test_labelled_batch_without_names_and_descriptors():
    batch = labelled_batches()(0)
    assert batch.person is None
    assert batch.descriptor is None
    assert batch.years is None
    assert batch.attack_radius is None


def test_labelled_batch_tells_ages_where_all_are_known():
    faces = NumberedFaces()
    faces.records = [dataclasses.replace(r, age=10 * r.group) for r in faces.records]
    batch = labelled_batches(store=faces)(0)
    assert batch.years.dtype == np.float32
    assert batch.years.tolist() == (10 * batch.group).tolist()
    faces.records[3] = dataclasses.replace(faces.records[3], age=None)
    assert labelled_batches(store=faces)(0).years is None


def test_attack_radii_grow_from_a_third_to_the_largest():
    batches = labelled_batches(attack_radius=3.0, batch_size=50)

    def largest(step):
        radius = batches(step).attack_radius
        assert radius.dtype == np.float32
        assert radius.min() >= 0
        return radius.max()

    # Of 50 even draws the largest is above 0.8 of the end, but for 1 in 70,000.
    assert 0.8 < largest(0) <= 1.0
    assert 1.6 < largest(pipeline.ATTACK_RISE_STEPS // 2) <= 2.01
    assert 2.4 < largest(2 * pipeline.ATTACK_RISE_STEPS) <= 3.0


def test_prefetch_begins_at_the_start():
    batches = pipeline.prefetch(lambda step: step * 10, start=7)
    assert [next(batches) for _ in range(20)] == [step * 10 for step in range(7, 27)]
    batches.close()


def test_prefetch_keeps_the_order_when_a_later_batch_is_done_first():
    second_is_done = threading.Event()

    def make_batch(step):
        if step == 0:
            second_is_done.wait(timeout=5)
        if step == 1:
            second_is_done.set()
        return step, second_is_done.is_set()

    batches = pipeline.prefetch(make_batch, start=0)
    assert [next(batches), next(batches)] == [(0, True), (1, True)]
    batches.close()


def test_prefetch_makes_few_batches_ahead():
    made = []

    def make_batch(step):
        made.append(step)
        return step

    batches = pipeline.prefetch(make_batch, start=0)
    next(batches)
    batches.close()
    # Those waiting, the one taken and the one that found no room.
    assert len(made) <= pipeline.AHEAD + 2


def test_prefetch_raises_an_error_at_its_step_and_ends_its_threads():
    before = set(threading.enumerate())

    def make_batch(step):
        if step == 2:
            raise DataError("step 2 failed")
        return step

    batches = pipeline.prefetch(make_batch, start=0)
    assert [next(batches), next(batches)] == [0, 1]
    with pytest.raises(DataError, match="step 2 failed"):
        next(batches)
    with pytest.raises(StopIteration):
        next(batches)
    assert set(threading.enumerate()) <= before


def test_prefetch_ends_its_threads_when_closed():
    before = set(threading.enumerate())
    batches = pipeline.prefetch(lambda step: step, start=0)
    next(batches)
    assert set(threading.enumerate()) - before
    batches.close()
    assert set(threading.enumerate()) <= before


def test_noise_is_drawn_for_who_asks_and_is_normal():
    batches = face_batches(noise_size=500, with_targets=False, own_group_share=1.0)
    batch = batches(3)
    assert batch.target_image is None
    np.testing.assert_array_equal(batch.target_group, batch.source_group)
    assert (batch.wrong_group != batch.source_group).all()
    assert batch.noise.shape == (7, 500)
    assert batch.noise.dtype == np.float32
    # 3500 draws: 4 standard deviations of the mean, and of the deviation.
    assert abs(batch.noise.mean()) < 4 / 3500**0.5
    assert abs(batch.noise.std() - 1) < 4 / 7000**0.5
    np.testing.assert_array_equal(face_batches(noise_size=2)(1).noise.shape, (7, 2))
    # What others draw is as it was.
    assert_equal(face_batches()(3), face_batches(noise_size=2)(3)._replace(noise=None))


def test_faces_are_only_mirrored_where_they_may_be():
    def mirrored(**options):
        batches = face_batches(store=HalfWhiteFaces(), **options)
        faces = np.concatenate([batches(step).source_image for step in range(9)])
        return set((faces[:, 0, 0, 0] > 0).tolist())

    assert mirrored() == {True, False}
    assert mirrored(flip=False) == {False}


def test_six_groups_are_drawn_from():
    store = NumberedFaces(group_sizes=(1, 2, 1, 1, 1, 3))
    batch = face_batches(store=store, groups=AGE_CGAN, batch_size=12)(0)
    assert np.bincount(batch.source_group).tolist() == [2] * 6
