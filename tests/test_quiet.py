"""Start-up notes of TensorFlow; a module that writes as it does stands for it."""

import os
import pathlib
import subprocess
import sys

import pytest

from ipcgan.runs import quiet

ROOT = pathlib.Path(__file__).parents[1]
NOTES = """\
WARNING: All log messages before absl::InitializeLog() is called are written to STDERR
I0000 00:00:1795823079.536785   25320 port.cc:153] oneDNN custom operations are on.
I0000 00:00:1795823079.759331   25320 cpu_feature_guard.cc:227] This binary is optimized
To enable the following instructions: AVX2 FMA, in other operations, rebuild it.
"""
SEEN = "E0000 00:00:1795823085.316642   25320 cuda.cc:52] out of memory\nPython's\n"
PROGRAM = "from ipcgan.runs import quiet\nquiet.quieten()\nimport keras\nprint('on')\n"


def load(tmp_path, ending="", **environment):
    """Loads a Keras that writes to file descriptor 2, and then does `ending`."""
    module = f"import os\nos.write(2, {(NOTES + SEEN).encode()!r})\n{ending}\n"
    (tmp_path / "keras.py").write_text(module)
    known = {k: v for k, v in os.environ.items() if k != quiet.LEVEL}
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", PROGRAM],
        env={**known, "PYTHONPATH": f"{tmp_path}:{ROOT}", **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_notes_are_left_out_and_all_else_is_shown(tmp_path):
    answer = load(tmp_path)
    assert (answer.stdout, answer.stderr) == ("on\n", SEEN)


@pytest.mark.parametrize(
    "ending", ["raise ImportError('broken')", "os._exit(3)", "os.abort()"]
)
def test_everything_is_shown_where_loading_fails(tmp_path, ending):
    answer = load(tmp_path, ending)
    assert answer.stdout == ""
    assert answer.stderr.startswith(NOTES + SEEN)
    assert ("broken" in answer.stderr) == ("raise" in ending)


def test_everything_is_shown_to_whoever_asks_for_it(tmp_path):
    assert load(tmp_path, **{quiet.LEVEL: "0"}).stderr == NOTES + SEEN


@pytest.mark.parametrize(("driver", "level"), [(True, "1"), (False, "3")])
def test_errors_are_left_out_only_where_no_driver_is(monkeypatch, driver, level):
    monkeypatch.delenv(quiet.LEVEL, raising=False)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    monkeypatch.setattr(quiet.os.path, "exists", lambda path: driver)
    quiet.quieten()
    assert os.environ[quiet.LEVEL] == level


def test_the_users_own_level_stays(monkeypatch):
    monkeypatch.setenv(quiet.LEVEL, "2")
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    quiet.quieten()
    assert os.environ[quiet.LEVEL] == "2"
