import pathlib
import runpy

import pytest
from absl import app, flags

PROGRAM = pathlib.Path(__file__).parents[1] / "tools" / "import_release.py"


def parse(*arguments):
    program = runpy.run_path(str(PROGRAM))
    values = flags.FlagValues()
    program["define_flags"](values)
    values(["import_release.py", "--save_dir=ours", *arguments])
    program["check_flags"](values)
    return values


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--alexnet_checkpoint=a",),
        ("--generator_checkpoint=g", "--age_checkpoint=b"),
        ("--generator_checkpoint=g", "--alexnet_checkpoint=a", "--age_checkpoint=b"),
    ],
)
def test_flags_must_name_one_network(arguments):
    with pytest.raises(app.UsageError):
        parse(*arguments)


def test_flags_of_one_network_are_accepted():
    assert parse("--generator_checkpoint=g").generator_checkpoint == "g"
    values = parse("--alexnet_checkpoint=a", "--age_checkpoint=b")
    assert (values.alexnet_checkpoint, values.age_checkpoint) == ("a", "b")
