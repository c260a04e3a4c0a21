"""The same people aged by networks of several families."""

import dataclasses
import json
import math

import pytest
from absl import app, flags
from helpers import brightness_judges, one_step
from test_programs import load

from ipcgan import checkpoints, config
from ipcgan.age_groups import CACD, FFHQ_AGING
from ipcgan.data import synthetic
from ipcgan.evaluation.comparison import Row
from ipcgan.report.comparison import to_markdown
from ipcgan.runs.evaluate import compare


@pytest.fixture
def folders(tmp_path):
    """Shipped weights of two families, whose age groups differ."""
    made = {
        "a": (one_step.ipcgan_networks(), "ipcgan", one_step.TINY_SIZES, CACD),
        "b": (
            one_step.ragan_networks(num_groups=10),
            "ragan",
            {**one_step.TINY_RAGAN_SIZES, "num_groups": 10},
            FFHQ_AGING,
        ),
    }
    for name, (networks, family, sizes, groups) in made.items():
        (tmp_path / name).mkdir()
        checkpoints.save_weights(networks["generator"], tmp_path / name, "generator")
        values = {"family": family, "sizes": sizes, "groups": list(groups.names)}
        checkpoints.write_json(tmp_path / name / "config.json", values)
    return [str(tmp_path / name) for name in made]


def test_the_same_people_are_aged_in_every_networks_groups(
    folders, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    brightness_judges.install(monkeypatch)
    faces = tmp_path / "faces"
    synthetic.write_utkface_folder(faces, 25, size=16, groups=FFHQ_AGING)
    looked_at = []
    original = compare.FaceAger.age

    def seen(self, pixels, *args, **kwargs):
        looked_at.append(pixels)
        return original(self, pixels, *args, **kwargs)

    monkeypatch.setattr(compare.FaceAger, "age", seen)
    asked = config.EvaluateConfig(
        report_dir=str(tmp_path / "report"), root_folder=str(faces), num_faces=5
    )
    text = compare.compare(folders, asked)
    first, _, second, _ = looked_at  # each once, and once more to take the time.
    assert len(first) == 5
    assert (first == second).all()
    assert "5 faces of the test split" in text
    assert "| ipcgan (a)" in text
    assert "| 10, 0-2 to 70+" in text
    written = json.loads((tmp_path / "report" / compare.RESULT).read_text())
    judged = [row["judged"]["Bright"] for row in written["networks"]]
    assert [len(ages) for ages in judged] == [5, 10]
    first, second = (row["background"] for row in written["networks"])
    assert first > second == 0  # RAGAN leaves the background unchanged.
    assert (tmp_path / "report" / "comparison.md").read_text() == text + "\n"
    page = (tmp_path / "report" / "comparison.html").read_text()
    assert page.count("data:image/jpeg;base64,") == 2  # faces of each network.
    assert page.count("<svg") == 2  # age against identity, by both age judges.


def test_a_table_has_a_column_for_each_network():
    row = Row(
        name="x",
        family="ragan",
        groups=("0-2", "3-6", "70+"),
        pixels=64,
        same_person={"R": (0.9, 0.8, 1.0), "S": (0.5, 0.4, 0.6)},
        one_away={"R": (0.95, 0.9, 1.0), "S": (0.95, 0.9, 1.0)},
        off={"J": 4.25},
        rank_correlation={"J": 0.987},
        never_steps_back={"J": (0.5, 0.4, 0.6)},
        gender_kept={"J": (0.97, 0.9, 1.0)},
        kid=0.5,
        face_found=(1.0, 1.0, 1.0),
        background=1.26,
        seconds=0.0123,
        judged={"J": (20.4, 30.0, 50.6)},
        teachers=("R",),
        score=(1.62, 1.2, 2.0),
        resampled=(1.2, 2.0),
    )
    better = dataclasses.replace(row, score=(1.5, 1.0, 1.9), resampled=(1.0, 1.9))
    other = dataclasses.replace(better, groups=("11-20", "51+"), teachers=())
    lines = to_markdown([row, better, other]).splitlines()
    minus = next(line for line in lines if "score minus" in line).split("|")
    # Ends at 2.5 and 97.5 % of two samples' differences, -0.2 and -0.1.
    assert [c.strip() for c in minus[2:5]] == ["-", "-0.12 (-0.20 to -0.10)", "-"]
    cells = {c[1].strip(): c[2].strip() for c in (line.split("|") for line in lines)}
    assert cells[""] == "ragan (x)"
    assert cells["score (0: all its goals reached)"] == "1.62 (1.20 to 2.00)"
    assert cells["age groups"] == "3, 0-2 to 70+"
    assert cells["identity: same person by R, %"] == "90.0 (80.0 to 100.0)"
    assert cells["identity: same person by S, %"] == "50.0 (40.0 to 60.0)"
    assert cells["order: rank correlation of means by J"] == "0.99"
    assert cells["used in training or search"] == "R"
    assert cells["background: change, levels of 255"] == "1.3"
    assert cells["seconds for a face at an age"] == "0.012"
    assert cells["judged ages by J"] == "20 30 51"
    assert lines[0].count("ragan (x)") == 3
    few = dataclasses.replace(row, score=(math.nan,) * 3, resampled=())
    assert "score" not in to_markdown([few, few])


def parse(*arguments):
    program = load("compare")
    values = flags.FlagValues()
    program.define_flags(values)
    values(["compare.py", "--checkpoint_dirs=a,b", *arguments])
    return program.compare_config(values)


def test_flags_become_config():
    asked = parse("--root_folder=f", "--num_faces=7", "--inversion=none")
    assert (asked.root_folder, asked.num_faces, asked.split) == ("f", 7, "test")
    assert asked.inversion.method == "none"
    with pytest.raises(app.UsageError, match="root_folder"):
        parse()
