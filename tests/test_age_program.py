"""test.py: its flags, and what it prints."""

import pytest
from absl import app, flags

from ipcgan.runs.age import age_program


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
    for bad in ("--ages=5", "--ages=old", "--ages=101", "--ages=20.5"):
        with pytest.raises(app.UsageError, match=bad):
            parse(bad)


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
