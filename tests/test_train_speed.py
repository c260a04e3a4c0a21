"""The benchmark of training speed: what it prints, not how fast it is."""

import json
import re
from types import SimpleNamespace

import pytest
from helpers import one_step

from ipcgan.config import ConfigError
from ipcgan.runs.benchmark import train_speed

pytestmark = pytest.mark.usefixtures("eagerly")


def test_each_recipe_tells_its_phases_and_how_it_compares_with_the_first(tmp_path):
    paths = []
    for batch_size in (2, 4):
        path = tmp_path / f"{batch_size}.json"
        sizes = {
            k: v for k, v in one_step.TINY_RAGAN_SIZES.items() if k != "num_groups"
        }
        recipe = {"family": "ragan", "sizes": sizes, "run": {"batch_size": batch_size}}
        path.write_text(json.dumps(recipe))
        paths.append(str(path))
    machine, first, second = train_speed.recipes_compared(paths, rounds=2)
    assert "cores" in machine
    assert first.startswith(f"{paths[0]}: ragan, 16 pixels, 2 faces a step, float32: ")
    assert re.search(r" 1.00 times the first; \d+ steps early: generator ", first)
    assert re.search(r"discriminator [\d.]+ s, penalty [\d.]+ s every 16 steps$", first)
    assert "4 faces a step" in second


def test_stages_count_by_their_steps():
    stages = [
        (SimpleNamespace(steps=3), SimpleNamespace(seconds=lambda: 1.0)),
        (SimpleNamespace(steps=1), SimpleNamespace(seconds=lambda: 5.0)),
    ]
    assert train_speed._seconds(stages) == 2.0


def test_a_recipe_that_is_none_is_named():
    with pytest.raises(ConfigError, match="nowhere"):
        train_speed.recipes_compared(["nowhere"], rounds=1)
