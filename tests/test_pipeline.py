"""Batches of faces: who is drawn, how often, and what happens to unreadable files."""

import dataclasses

import numpy as np
import pytest
from helpers.numbered_faces import (
    GROUP_SIZES,
    SIZE,
    HalfWhiteFaces,
    NumberedFaces,
    face_batches,
    labelled_batches,
)

from ipcgan.age_groups import AGE_CGAN
from ipcgan.data import images, pipeline
from ipcgan.data.image_store import ImageStore
from ipcgan.data.records import DataError, Record


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


def sources_and_targets(batches):
    """Yields the records of the faces in 40 batches, pair by pair."""
    store = batches.store
    for batch in map(batches, range(40)):
        images_of_it = batch.source_image, batch.target_image
        for pair in zip(*map(store.positions, images_of_it), strict=True):
            yield tuple(store.records[position] for position in pair)


@pytest.mark.parametrize(("with_race", "kinds"), [(True, 4), (False, 2)])
def test_matched_targets_are_of_the_sources_gender_and_race(
    monkeypatch, with_race, kinds
):
    monkeypatch.setattr(pipeline, "LEAST_TO_MATCH", 3)
    store = NumberedFaces((12, 12, 12, 12, 12))
    races = ("A", "B") if with_race else (None,)
    # Kinds take turns, so each group has all of them.
    store.records = [
        dataclasses.replace(
            record,
            gender=("male", "female")[place % 2],
            race=races[place // 2 % len(races)],
        )
        for place, record in enumerate(store.records)
    ]
    batches = pipeline.FaceBatches(store, 7, seed=0, matched=True)
    pairs = set()
    for source, target in sources_and_targets(batches):
        assert (source.gender, source.race) == (target.gender, target.race)
        pairs.add((source.gender, source.race))
    assert len(pairs) == kinds


def test_too_few_alike_are_matched_by_gender_alone_and_unknown_by_nothing(monkeypatch):
    monkeypatch.setattr(pipeline, "LEAST_TO_MATCH", 3)
    store = NumberedFaces((4, 4, 4, 4, 4))
    store.records = [
        dataclasses.replace(
            record,
            gender=(None, "male", "male", "male")[place % 4],
            race=None if place % 4 == 0 else str(place),
        )
        for place, record in enumerate(store.records)
    ]
    batches = pipeline.FaceBatches(store, 7, seed=0, matched=True)
    of_unknown = set()
    for source, target in sources_and_targets(batches):
        if source.gender is None:
            of_unknown.add(target.gender)
        else:
            assert target.gender == "male"
    assert of_unknown == {None, "male"}


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


def test_shares_are_the_rows_of_the_whole_batch():
    given = {"batch_size": 8, "noise_size": 3, "matched": True}
    whole = face_batches(**given)(5)
    for share in (range(0, 4), range(4, 8)):
        part = face_batches(**given, share=share)(5)
        rows = slice(share.start, share.stop)
        expected = type(whole)(*(None if v is None else v[rows] for v in whole))
        assert_equal(part, expected)


def test_faces_of_another_share_are_not_read():
    batches, read = face_batches(batch_size=8, share=range(4)), []
    face = batches.store.face
    batches.store.face = lambda position: (read.append(position), face(position))[1]
    batches(0)
    assert len(read) == 4 + 4  # sources and targets.


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
    # The other draws are unchanged.
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
