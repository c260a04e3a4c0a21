"""Keeps libraries from sending what they are used for, and from the user's home.

It only sets what they read when they are imported, so it comes before them. What the
user's environment says counts.
"""

import os
import sys
from pathlib import Path


def telemetry_off() -> None:
    """Makes ONNX Runtime and OpenVINO send nothing, and OpenVINO write no identifier.

    OpenVINO sends through a package of its own, and does without where that cannot be
    imported.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]


def leave_home() -> None:
    """Makes Keras and Matplotlib write into this project's cache, not into the home.

    Where they have folders of their own there already, with settings perhaps, these
    are used as ever.
    """
    home = Path(os.path.expanduser("~"))
    cache = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    folders = {
        "KERAS_HOME": ("keras", [home / ".keras"]),
        "MPLCONFIGDIR": (
            "matplotlib",
            [home / ".matplotlib", home / ".config/matplotlib", cache / "matplotlib"],
        ),
    }
    for variable, (name, theirs) in folders.items():
        if not any(map(os.path.isdir, theirs)):
            os.environ.setdefault(variable, str(cache / "ipcgan" / name))
