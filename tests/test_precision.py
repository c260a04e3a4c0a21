"""Whether networks multiply in bfloat16."""

import keras
import pytest

from ipcgan.training import precision


@pytest.mark.parametrize(
    ("seconds", "faster"), [(0.5, True), (0.95, False), (2.6, False)]
)
def test_bfloat16_is_taken_where_it_is_plainly_faster(seconds, faster, monkeypatch):
    times = {"float32": 1.0, "bfloat16": seconds}
    monkeypatch.setattr(precision, "_seconds", times.get)
    assert precision.measure() == faster


def test_a_convolution_takes_time_in_either_format():
    assert precision._seconds("float32") > 0
    assert precision._seconds("bfloat16") > 0


@pytest.mark.parametrize(
    ("asked", "measured", "policy"),
    [
        (None, True, "mixed_bfloat16"),
        (None, False, "float32"),
        (False, True, "float32"),
        (True, False, "mixed_bfloat16"),
    ],
)
def test_who_asks_decides(asked, measured, policy, monkeypatch):
    monkeypatch.setattr(precision, "bfloat16_is_faster", lambda: measured)
    before = keras.config.dtype_policy().name
    with precision.dtype_policy(asked):
        assert keras.config.dtype_policy().name == policy
    assert keras.config.dtype_policy().name == before
