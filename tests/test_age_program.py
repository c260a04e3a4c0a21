"""test.py: its flags, and what it prints."""

import pytest
from absl import app, flags

from ipcgan import checkpoints, config
from ipcgan.data.records import DataError
from ipcgan.runs.age import age_program, checks


def parse(*arguments):
    values = flags.FlagValues()
    age_program.define_flags(values)
    values(["test.py", *arguments])
    return age_program.age_config(values)


def test_flags_become_config():
    settings = parse("--groups=51+,0", "--save_dir=x", "--train_data_dir=y")
    assert settings.groups == ("51+", 0)
    assert (settings.save_dir, settings.companions_dir) == ("x", "y")


def test_a_group_asked_for_twice_is_aged_to_once():
    assert parse("--groups=2,31-40,1,2").groups == (2, "31-40", 1)


def test_ages_are_whole_years():
    assert parse("--ages=52,25,52").ages == (52, 25)
    for bad in ("--ages=old", "--ages=101", "--ages=20.5", "--ages=30,+20"):
        with pytest.raises(app.UsageError, match=bad.replace("+", r"\+")):
            parse(bad)
    with pytest.raises(app.UsageError, match="without --groups"):
        parse("--ages=30", "--groups=1")


def test_ages_from_the_faces_own_are_differences():
    assert parse("--ages=+20, -10,+20").ages == ("+20", "-10")
    assert parse("--ages=+20", "--source_age=30").source_age == 30
    for bad in (["--source_age=30"], ["--source_age=30", "--ages=50"]):
        with pytest.raises(app.UsageError, match="--source_age=30: goes with"):
            parse(*bad)


@pytest.mark.parametrize(
    ("ages", "match"),
    [
        ({"ages": (5,)}, "--ages=5: .* ages to 11 to 100 years"),
        ({"ages": ("-20",), "source_age": 30}, "--ages=-20 of --source_age=30: "),
        ({"ages": ("+80",), "source_age": 30}, "ages to 11 to 100 years"),
    ],
)
def test_ages_that_the_network_cannot_show(ages, match, checkpoint, faces, tmp_path):
    settings = config.AgeConfig(
        str(faces), str(tmp_path / "x"), str(checkpoint), **ages
    )
    with pytest.raises(DataError, match=match):
        checks.check(settings)


def test_a_missing_age_network_is_told_before_anything_is_loaded(
    checkpoint, faces, tmp_path
):
    settings = config.AgeConfig(
        str(faces),
        str(tmp_path / "x"),
        str(checkpoint),
        ages=("+20",),
        age_pretrained_model="nowhere",
    )
    with pytest.raises(checkpoints.CheckpointError, match="nowhere"):
        checks.check(settings)


def test_an_unknown_group_is_an_error():
    with pytest.raises(app.UsageError, match="--groups=17"):
        parse("--groups=17")


def test_the_program_says_what_it_left_out(checkpoint, faces, tmp_path, capsys):
    (faces / "notes.txt").write_text("not a face")
    arguments = {
        "test_data_dir": faces,
        "save_dir": tmp_path / "out",
        "checkpoint_dir": checkpoint,
    }
    values = flags.FlagValues()
    age_program.define_flags(values)
    values(["test.py", *(f"--{name}={value}" for name, value in arguments.items())])
    with (
        pytest.MonkeyPatch.context() as patch,
        pytest.raises(SystemExit) as ended,
    ):
        patch.setattr(age_program.flags, "FLAGS", values)
        age_program.main(["test.py"])
    assert ended.value.code == 1
    printed = capsys.readouterr().out
    assert "3 faces aged" in printed
    assert "contact_sheet.jpg" in printed
    assert "notes.txt: not an image" in printed


def test_files_are_named_by_commas_or_without_a_flag(tmp_path):
    for name in ("a.jpg", "b.jpg", "c,d.jpg"):
        (tmp_path / name).touch()
    both = f"{tmp_path}/a.jpg,{tmp_path}/b.jpg"
    settings = parse(f"--test_data_dir={both}")
    assert (settings.test_data_dir, settings.files) == (
        str(tmp_path),
        ("a.jpg", "b.jpg"),
    )
    assert parse(f"--test_data_dir={tmp_path}/c,d.jpg").files == ("c,d.jpg",)
    assert parse(f"--test_data_dir={tmp_path}").files == ()
    values = flags.FlagValues()
    age_program.define_flags(values)
    assert values(["test.py", *both.split(",")])[1:] == both.split(",")
    assert age_program.age_config(values, both.split(",")) == settings
    values(["test.py", "--test_data_dir=x"])
    with pytest.raises(app.UsageError, match="x says it already"):
        age_program.age_config(values, ["a.jpg"])
