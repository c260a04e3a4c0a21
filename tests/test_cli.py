"""The frame of the programs: how they end."""

import importlib
import logging as stdlib_logging
import os
import pathlib
import re
import signal
import subprocess
import sys

import pytest
from absl import logging

from ipcgan.data.records import DataError
from ipcgan.runs import cli

ROOT = pathlib.Path(__file__).parents[1]
PROGRAM = """
import os, signal, sys, time
from ipcgan.runs import cli

def main(argv):
    if sys.argv[1] == "print":
        cli.run(lambda: print("line\\n" * 100_000))
        sys.exit(1)
    try:
        os.kill(os.getpid(), int(sys.argv[1]))
        time.sleep(20)
    finally:
        print("tidied")

cli.program(main, lambda values: None, takes_arguments=True)
"""


def start(argument):
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", PROGRAM, argument],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Who runs the tests in the background may ignore it, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


@pytest.mark.parametrize("arguments", ["print", "--help"])
def test_a_reader_that_goes_ends_a_program_quietly(arguments):
    program = start(arguments)
    program.stdout.close()  # As `| true` does.
    assert program.stderr.read() == ""
    assert program.wait() == 128 + signal.SIGPIPE


@pytest.mark.parametrize(
    ("number", "text"),
    [(signal.SIGINT, "Interrupted.\n"), (signal.SIGTERM, "Terminated.\n")],
)
def test_a_signal_ends_a_program_as_shells_expect(number, text):
    program = start(str(int(number)))
    assert program.communicate() == ("tidied\n", text)
    assert program.returncode == 128 + number


def test_a_training_that_was_interrupted_ends_as_by_its_signal():
    cli.exit_if_interrupted(None)
    with pytest.raises(SystemExit) as ended:
        cli.exit_if_interrupted(signal.SIGINT)
    assert ended.value.code == 130


def test_names_are_printable():
    assert cli.printable("a\x1b[31m\n") == "a\\x1b[31m\\n"
    assert cli.printable(os.fsdecode(b"\xff")) == "\\xff"
    assert cli.printable("\ud800") == "\\ud800"
    assert cli.printable("Zoë 李 😀") == "Zoë 李 😀"
    assert cli.printable_lines("a\x1b\nb") == "a\\x1b\nb"


def test_what_terminals_obey_reaches_none(capfd):
    def fail(path):
        logging.warning("%s: odd", path)
        raise DataError(f"{path}: odd")

    handler = logging.get_absl_handler()
    before = handler.formatter
    try:
        with pytest.raises(SystemExit) as ended:
            cli.run(fail, "a\x1b[31m.jpg")
        record = stdlib_logging.LogRecord("", 30, "", 1, "%s", ("\x1b\n",), None)
        assert handler.format(record).endswith("\\x1b\\n")
    finally:
        handler.setFormatter(before)
    assert ended.value.code == "error: a\\x1b[31m.jpg: odd"


def test_programs_print_by_show_alone():
    programs = [*ROOT.glob("tools/*.py"), ROOT / "ipcgan/runs/train/train_program.py"]
    for path in [*programs, *ROOT.glob("ipcgan/runs/age/*.py")]:
        for line in path.read_text().splitlines():
            assert not re.match(r"\s+print\((?!.*file=)", line), (path, line)


def test_what_the_light_installation_lacks_is_told_in_a_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(SystemExit) as ended:
        cli.run(importlib.import_module, "tensorboardX")
    assert ended.value.code == (
        "error: this needs tensorboardX, which is not installed: "
        "pip install ipcgan[train]."
    )
    # Any other one that is missing is a mistake of ours.
    with pytest.raises(ModuleNotFoundError):
        cli.run(importlib.import_module, "ipcgan.nowhere")
