"""Age groups that are told by what a reader reads of faces."""

from pathlib import Path

import numpy as np
import pytest

from ipcgan.age_groups import CACD
from ipcgan.data.image_store import ImageStore
from ipcgan.data.images import write_image
from ipcgan.data.records import DataError, Record
from ipcgan.runs.train import age_head

LEVELS = (60, 90, 120, 150, 200)  # mean brightness of the groups' faces.
STANDARD_DEVIATION = 10  # within each group.


def brightness(faces):
    """Stands for a reader: [N, S, S, 3] in [-1, 1] -> [N, 2], of which one is noise."""
    mean = np.mean(faces, axis=(1, 2, 3))
    return np.stack([mean, np.zeros_like(mean)], axis=1)


@pytest.fixture
def store(tmp_path):
    records = []
    for group, level in enumerate(LEVELS):
        for sign in (-1, 1):
            path = tmp_path / f"{group}_{sign}.png"
            face = np.full((8, 8, 3), level + sign * STANDARD_DEVIATION, np.uint8)
            write_image(path, face)
            records.append(Record(path, group))
    return ImageStore(records, 8, 2**20)


def test_log_odds_are_those_of_normal_distributions_of_one_variance(store):
    kernel, bias = age_head.fit(brightness, store, CACD)
    assert (kernel.shape, bias.shape) == ((2, 5), (5,))
    for level in (75.0, 105.0, 140.0):
        read = np.array([level / 127.5 - 1.0, 0.0])
        logits = read @ kernel + bias
        for group, mean in enumerate(LEVELS):
            expected = (LEVELS[0] - level) ** 2 - (mean - level) ** 2
            expected /= 2 * STANDARD_DEVIATION**2
            assert logits[group] - logits[0] == pytest.approx(
                expected, rel=0.01, abs=0.01
            )


def test_a_group_of_unreadable_faces_is_named(store, tmp_path):
    store.records[4] = Record(Path(tmp_path / "missing.png"), 2)
    store.records[5] = Record(Path(tmp_path / "absent.png"), 2)
    with pytest.raises(DataError, match="31-40|unreadable"):
        age_head.fit(brightness, store, CACD)
