"""What importing the package leaves in the environment."""

import os
import pathlib
import subprocess
import sys

import pytest

import ipcgan


@pytest.mark.parametrize(
    ("chosen", "expected"), [({}, "1"), ({"TF_ENABLE_ONEDNN_OPTS": "0"}, "0")]
)
def test_tensorflow_gets_its_faster_convolutions_unless_somebody_chose(
    chosen, expected
):
    kept = {k: v for k, v in os.environ.items() if k != "TF_ENABLE_ONEDNN_OPTS"}
    program = (
        "import os, sys, ipcgan; "
        "assert 'tensorflow' not in sys.modules; "  # It would have been too late.
        "print(os.environ['TF_ENABLE_ONEDNN_OPTS'])"
    )
    answer = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program],
        env={**kept, **chosen},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == expected


def test_the_package_says_that_it_has_types():
    assert (pathlib.Path(ipcgan.__file__).parent / "py.typed").is_file()
