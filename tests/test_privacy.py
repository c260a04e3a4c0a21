"""Nobody is told that the programs run, and the user's home stays as it was."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from PIL import Image
from test_export import FACES, write_checkpoint

from ipcgan.inference import export

ROOT = pathlib.Path(__file__).parents[1]
# A fresh process whose every look-up, connection and datagram is noted and refused,
# also where a thread or a library catches the error.
WATCHED = """
import atexit, os, runpy, socket, sys

def refuse(*arguments, **_):
    with open(os.environ["CALLS"], "a") as file:
        print(arguments[-2:], file=file)
    raise OSError("no network in this test")

for name in "getaddrinfo gethostbyname gethostbyname_ex create_connection".split():
    setattr(socket, name, refuse)
for name in "connect connect_ex sendto".split():
    setattr(socket.socket, name, refuse)
sys.argv = sys.argv[1:]
if sys.argv[0] == "-c":
    exec(sys.argv[1])
else:
    runpy.run_path(sys.argv[0], run_name="__main__")
"""
JUDGES = """
import ipcgan, numpy as np
from ipcgan.evaluation.age import AgeJudge
from ipcgan.evaluation.hse import HSEFaceNetwork
face = np.full((128, 128, 3), 99, np.uint8)
AgeJudge().judge(face)
HSEFaceNetwork("checkpoints/judges/hse_face").judge(face)
"""
PLOT = """
import ipcgan
from ipcgan.report import plots
plots.svg({"a": {"b": [(0, 1), (1, 2)]}})
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    export.export(write_checkpoint(folder, "image"), folder, 5)
    return folder


@pytest.fixture
def watched(tmp_path):
    """Runs a program with an empty home; returns (what it looked up, files there)."""
    home = tmp_path / "home"
    home.mkdir()

    def run(*arguments):
        given = {k: v for k, v in os.environ.items() if k not in PRIVATE}
        command = [sys.executable, "-c", WATCHED, *map(str, arguments)]
        # Where the system lets it, without any network: for what is not Python.
        if shutil.which("unshare"):
            alone = ["unshare", "--map-root-user", "--net"]
            if not subprocess.run([*alone, "true"], capture_output=True).returncode:  # noqa: S603
                command = [*alone, *command]
        answer = subprocess.run(  # noqa: S603
            command,
            cwd=ROOT,
            env={**given, "HOME": str(home), "CALLS": str(tmp_path / "calls")},
            capture_output=True,
            text=True,
        )
        assert answer.returncode == 0, answer.stderr
        calls = tmp_path / "calls"
        files = {str(p.relative_to(home)) for p in home.rglob("*") if p.is_file()}
        return calls.read_text() if calls.exists() else "", files

    return run


# What this process was told when it imported the package, or the user has set.
PRIVATE = (
    "ORT_DISABLE_TELEMETRY",
    "KERAS_HOME",
    "MPLCONFIGDIR",
    "XDG_CACHE_HOME",
    "PYTHONPATH",
    "CALLS",
)


@pytest.mark.parametrize("engine", ["keras", "onnx", "openvino"])
def test_ageing_asks_nobody_and_leaves_the_home_alone(
    engine, exported, watched, tmp_path
):
    (tmp_path / "faces").mkdir()
    Image.fromarray(FACES[0]).save(tmp_path / "faces" / "anna.png")
    calls, files = watched(
        "test.py",
        f"--test_data_dir={tmp_path / 'faces'}",
        f"--save_dir={tmp_path / 'out'}",
        f"--checkpoint_dir={exported}",
        f"--engine={engine}",
    )
    assert calls == ""
    assert all(name.startswith(".cache/ipcgan/") for name in files)


@pytest.mark.parametrize("code", [JUDGES, PLOT], ids=["judges", "plots"])
def test_judging_and_drawing_do_neither(code, watched):
    calls, files = watched("-c", code)
    assert calls == ""
    assert all(name.startswith(".cache/ipcgan/") for name in files)


def test_exporting_does_neither(exported, watched, tmp_path):
    folder = shutil.copytree(exported, tmp_path / "checkpoint")
    calls, files = watched("tools/export.py", f"--checkpoint_dir={folder}")
    assert calls == ""
    assert all(name.startswith(".cache/ipcgan/") for name in files)


def test_the_watch_sees_a_library_that_asks(watched):
    code = "import socket, contextlib\n"
    code += "with contextlib.suppress(OSError): socket.getaddrinfo('a.example', 80)"
    assert "a.example" in watched("-c", code)[0]


def test_settings_that_the_user_has_stay(tmp_path):
    (tmp_path / ".keras").mkdir()
    code = "import ipcgan, os\n"
    code += "print(os.environ.get('KERAS_HOME'), os.environ['ORT_DISABLE_TELEMETRY'])"
    answer = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"HOME": str(tmp_path), "ORT_DISABLE_TELEMETRY": "0"},
        capture_output=True,
        text=True,
    )
    assert answer.stdout.split() == ["None", "0"]
