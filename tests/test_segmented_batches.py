"""Batches with masks: of faces that have a segmentation map, and of those without."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

from ipcgan.data import images, pipeline
from ipcgan.data.image_store import ImageStore
from ipcgan.data.records import DataError, Record

SIZE = 4
DEFAULT = np.full((SIZE, SIZE), 0.25, np.float32)


@pytest.fixture
def store(tmp_path):
    """Two faces of each of five groups, all black to the left; the first has a map."""
    face = np.full((SIZE, SIZE, 3), 255, np.uint8)
    face[:, 0] = 0
    images.write_image(tmp_path / "face.png", face)
    labels = np.zeros((SIZE, SIZE), np.uint8)
    labels[:, 0] = 1  # skin
    Image.fromarray(labels).save(tmp_path / "map.png")
    plain = Record(tmp_path / "face.png", 0)
    segmented = dataclasses.replace(plain, segmentation=tmp_path / "map.png")
    records = [
        dataclasses.replace(record, group=group)
        for group in range(5)
        for record in (segmented, plain)
    ]
    return ImageStore(records, SIZE, memory_bytes=10_000)


def batches(store, **settings):
    return pipeline.FaceBatches(
        store, 10, seed=0, default_mask=DEFAULT, with_targets=False, **settings
    )


def test_a_mask_is_mirrored_with_its_face_and_others_have_the_default(store):
    batch = batches(store)(0)
    assert batch.source_mask.shape == (10, SIZE, SIZE, 1)
    assert batch.source_mask.dtype == np.float32
    mirrored = batch.source_image[:, 0, -1, 0] < 0
    assert 0 < mirrored.sum() < 10
    with_map = batch.source_mask.max(axis=(1, 2, 3)) == 1.0
    assert with_map.sum() == 5  # every group's faces take turns.
    for mask, flip in zip(batch.source_mask[with_map], mirrored[with_map], strict=True):
        expected = np.zeros((SIZE, SIZE))
        expected[:, -1 if flip else 0] = 1.0
        np.testing.assert_array_equal(mask[..., 0], expected)
    np.testing.assert_array_equal(
        batch.source_mask[~with_map, ..., 0], np.stack([DEFAULT] * 5)
    )


def test_a_share_of_the_maps_is_shown(store):
    with_map = [
        batches(store, segmentation_share=share)(0).source_mask.max() == 1.0
        for share in (0.0, 1.0)
    ]
    assert with_map == [False, True]


def test_masks_do_not_change_which_faces_are_drawn(store):
    plain = pipeline.FaceBatches(store, 10, seed=0, with_targets=False)(0)
    assert plain.source_mask is None
    np.testing.assert_array_equal(plain.source_image, batches(store)(0).source_image)


def test_without_any_map_there_are_no_masks(store):
    records = [dataclasses.replace(r, segmentation=None) for r in store.records]
    assert batches(ImageStore(records, SIZE, 0))(0).source_mask is None


def test_a_map_that_cannot_be_read_is_named(store, tmp_path):
    (tmp_path / "map.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match="map.png"):
        batches(store)(0)


def test_maps_are_kept_while_there_is_room(store, tmp_path):
    assert store.mask(0).max() == 255
    (tmp_path / "map.png").unlink()
    assert store.mask(0).max() == 255
    assert store.mask(1) is None
