"""--resume, and what a training run prints at its end."""

import dataclasses
import json
import sys

import pytest
from absl import app, flags

from ipcgan import checkpoints, config
from ipcgan.runs.train import next_steps, recipe_files, train_program


def parse(*arguments):
    values = flags.FlagValues()
    train_program.define_flags(values)
    values(["age_lsgan_transfer.py", *arguments])
    return train_program.train_config(values)


@pytest.fixture
def begun(tmp_path):
    """A training run of RAGAN with flags of all kinds, as its config.json has it."""
    settings = parse(
        f"--checkpoint_dir={tmp_path}/run",
        "--family=ragan",
        "--dataset=folder",
        "--root_folder=my faces",
        "--memory_gigabytes=0.5",
        "--age_groups=cacd",
        "--image_size=32",
        "--max_steps=7",
        "--save_interval=2",
        "--stage=early",
        "--cycle_loss_weight=2",
        "--init_from=weights",
    )
    folder = tmp_path / "run"
    folder.mkdir()
    values = {
        **recipe_files.describe(settings),
        "groups": [],
        "run": dataclasses.asdict(settings.run),
        "data": dataclasses.asdict(settings.data),
        checkpoints.BEGUN_WITH: settings.init_from,
    }
    checkpoints.write_json(folder / checkpoints.CONFIG, values)
    return settings, folder


def write_checkpoint(folder, step):
    path = folder / f"step-{step:08d}"
    path.mkdir()
    checkpoints.write_json(path / checkpoints.STATE, {"step": step})
    return path


def test_the_folder_says_all_that_is_needed_to_go_on(begun):
    settings, folder = begun
    assert parse(f"--resume={folder}") == settings


def test_other_flags_change_it(begun):
    settings, folder = begun
    changed = parse(
        f"--resume={folder}",
        "--max_steps=9",
        "--root_folder=b",
        "--cycle_loss_weight=3",
    )
    assert changed == dataclasses.replace(
        settings,
        run=dataclasses.replace(settings.run, max_steps=9),
        data=dataclasses.replace(settings.data, root_folder="b"),
        recipe={**settings.recipe, "cycle_loss_weight": 3.0},
    )


def test_first_weights_are_not_asked_for_again(begun):
    settings, folder = begun
    write_checkpoint(folder, 2)
    assert parse(f"--resume={folder}").init_from == ""


def test_a_folder_that_was_moved_goes_on_where_it_is(begun, tmp_path):
    _, folder = begun
    folder.rename(tmp_path / "moved")
    settings = parse(f"--resume={tmp_path}/moved")
    assert settings.run.checkpoint_dir == str(tmp_path / "moved")


def test_flags_that_say_otherwise_are_refused(begun):
    _, folder = begun
    for flag in ("--checkpoint_dir=other", "--recipe=quick", "--family=ipcgan"):
        with pytest.raises(app.UsageError, match=f"{flag}: --resume="):
            parse(f"--resume={folder}", flag)


def test_what_is_no_training_is_refused(begun, tmp_path):
    _, folder = begun
    path = write_checkpoint(folder, 2)
    (path / checkpoints.CONFIG).write_text("{}")
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    checkpoints.write_json(shipped / checkpoints.CONFIG, {"family": "ipcgan"})
    for name, message in (
        (tmp_path / "none", "expected the folder of a training run"),
        (path, "expected the folder of a training run"),
        (shipped, "begin one with --init_from="),
    ):
        with pytest.raises(config.ConfigError, match=message):
            parse(f"--resume={name}")


def test_the_end_names_the_checkpoint_and_the_next_commands(begun, monkeypatch):
    settings, folder = begun
    monkeypatch.setattr(sys, "argv", ["age_lsgan_transfer.py"])
    newest = write_checkpoint(folder, 7)
    assert next_steps.lines(settings, 7, 7) == [
        f"7 steps done. The newest checkpoint: {newest}",
        "Age faces with it:",
        f"  python test.py --checkpoint_dir={folder}",
        "Choose its best checkpoint by validation faces:",
        "  python tools/evaluate.py '--root_folder=my faces' --dataset=folder "
        f"--checkpoint_dir={folder} --every_checkpoint",
    ]


def test_an_interrupted_training_says_how_to_go_on(begun, monkeypatch):
    settings, folder = begun
    newest = write_checkpoint(folder, 3)
    for program, name in (
        ("age_lsgan_transfer.py", "python age_lsgan_transfer.py"),
        ("bin/ipcgan-train", "ipcgan-train"),
    ):
        monkeypatch.setattr(sys, "argv", [program])
        assert next_steps.lines(settings, 3, 7) == [
            f"Interrupted after step 3 of 7, saved in {newest}. Go on:",
            f"  {name} --resume={folder}",
        ]


def test_the_best_score_is_named(begun):
    settings, folder = begun
    for step in (4, 7):
        write_checkpoint(folder, step)
    entries = [
        {"step": step, "score": score, "measured_on": {"seed": seed}}
        for step, score, seed in ((4, 1.0, 1), (4, 2.5, 0), (7, 3.0, 0), (2, 2.75, 0))
    ]
    text = "".join(f"{json.dumps(entry)}\n" for entry in entries)
    (folder / "scores.jsonl").write_text(text)
    best = train_program._best_score(folder)
    named = f"The best of those scored: {folder}/step-00000004, 2.50"
    assert next_steps.lines(settings, 7, 7, best)[1] == named
    assert next_steps.lines(settings, 7, 7, {"step": 2, "score": 2.0})[1].endswith(
        "step-00000002, 2.00, which --max_to_keep has removed"
    )
