"""What the benchmarks of ageing print, at sizes that take no time."""

import re

import keras
import pytest

from ipcgan.models.flops import count_flops
from ipcgan.runs.benchmark import age_speed, start_speed


def test_operations_are_counted_by_hand():
    image = keras.Input((8, 8, 3), name="image")
    x = keras.layers.Conv2D(4, 3, 2, "same", name="down")(image)  # [4, 4, 4]
    x = keras.layers.BatchNormalization(name="norm")(x)
    x = keras.layers.Conv2DTranspose(2, 3, 2, "same", name="up")(x)  # [8, 8, 2]
    network = keras.Model(image, x)
    # Outputs times kernel, and inputs times kernel where one is spread; twice.
    expected = 2 * (4 * 4 * 4 * 3 * 3 * 3 + 4 * 4 * 4 * 3 * 3 * 2)
    assert count_flops(network) == expected


def test_the_published_generator_takes_4_8_gigaflops():
    from ipcgan.models import ipcgan

    generator = ipcgan.build_generator(ipcgan.IPCGANSizes())
    # TensorFlow's profiler says 4.80e9, with 0.01e9 for all that is no convolution.
    assert count_flops(generator) == pytest.approx(4.79e9, rel=1e-3)


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(age_speed, "_MATRIX", 16)
    monkeypatch.setattr(age_speed, "_SECONDS", 0.0)
    monkeypatch.setattr(age_speed, "_BATCHES", (1, 2))


def test_every_engine_gets_a_line_for_every_batch(checkpoint, short):
    lines = age_speed.engines_compared(str(checkpoint), rounds=1)
    pattern = r"batch (\d), (.*): [\d.]+ \([\d.]+\)"
    found = [match.groups() for line in lines if (match := re.fullmatch(pattern, line))]
    names = "Keras, float32, predict|Keras, float32, compiled|limit, float32"
    names = (*names.split("|"), "limit, bfloat16")
    assert found == [(batch, name) for batch in "12" for name in names]
    # Nothing was exported: that is said, for both.
    assert sum(line.startswith("not compared: ") for line in lines) == 2


def test_the_whole_job_says_where_the_time_goes(checkpoint, monkeypatch):
    monkeypatch.setattr(age_speed, "PHOTO_SHAPE", (240, 320))
    monkeypatch.setattr(age_speed, "_STAGES", 1)
    text = "\n".join(age_speed.whole_job(str(checkpoint), "keras", 2))
    assert "2 of 2 photographs by Keras" in text
    assert all(f"{stage} " in text for stage in "read find cut age paste write".split())


def test_drawn_photographs_have_their_face(tmp_path):
    start_speed.write_photo(tmp_path / "a.jpg", (240, 320), seed=3)
    from test_photos import FINDER

    from ipcgan.data import images

    assert len(FINDER(images.read_image(tmp_path / "a.jpg"))) == 1


def test_actors_rate_is_that_of_the_time_when_all_of_them_work():
    pytest.importorskip("pyarrow", reason="the extra ray is missing")
    from ipcgan.runs.benchmark.many_speed import rate_together

    def batch(worker, began, ended):
        return {"worker": worker, "began": began, "ended": ended, "count": 4}

    first = [batch("a", 0, 9), batch("a", 9, 11), batch("a", 11, 13)]
    assert rate_together(first) == 2.0  # 8 in the 4 s after its first batch.
    # From 10 to 12 both work: a does half of two batches, b one batch, after a pause.
    both = [*first, batch("b", 5, 10), batch("b", 11, 12)]
    assert rate_together(both) == (2 + 2 + 4) / 2
