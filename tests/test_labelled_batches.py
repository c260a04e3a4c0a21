"""Batches that a face AlexNet learns from: persons, descriptors, years, attacks."""

import dataclasses

import numpy as np
from helpers.numbered_faces import GROUP_SIZES, SIZE, NumberedFaces, labelled_batches

from ipcgan.data.labelled_batches import ATTACK_RISE_STEPS


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
    assert 1.6 < largest(ATTACK_RISE_STEPS // 2) <= 2.01
    assert 2.4 < largest(2 * ATTACK_RISE_STEPS) <= 3.0


def test_aged_faces_come_last_and_have_descriptors_alone():
    count = sum(GROUP_SIZES)
    faces, aged = NumberedFaces(), NumberedFaces()
    faces.records = [
        dataclasses.replace(r, age=30, gender=("male", "female")[i % 2])
        for i, r in enumerate(faces.records)
    ]
    batch = labelled_batches(
        store=faces,
        batch_size=8,
        descriptor=np.ones((count, 3), np.float32),
        aged=aged,
        aged_descriptor=np.full((count, 3), 2.0, np.float32),
        aged_share=0.25,
    )(0)
    assert batch.labelled.tolist() == [1, 1, 1, 1, 1, 1, 0, 0]
    assert batch.descriptor[:, 0].tolist() == [1, 1, 1, 1, 1, 1, 2, 2]
    assert batch.years.tolist() == [30, 30, 30, 30, 30, 30, 0, 0]
    assert len(batch.image) == len(batch.gender) == len(batch.group) == 8
    assert set(batch.gender.tolist()) <= {0, 1}
    assert batch.gender.dtype == batch.group.dtype == np.int32


def test_labelled_batch_tells_gender_where_all_are_known():
    faces = NumberedFaces()
    faces.records = [
        dataclasses.replace(r, gender=("male", "female")[r.group % 2])
        for r in faces.records
    ]
    batch = labelled_batches(store=faces)(0)
    assert batch.gender.tolist() == (batch.group % 2).tolist()
