"""ONNX Runtime for browsers, as npm delivers it."""

import shutil
import subprocess
import tempfile
from importlib import metadata
from pathlib import Path

from ipcgan.photos import MissingWeightsError

_LOCK = Path(__file__).with_name("package-lock.json")  # versions, and their hashes.
_PACKAGE = "onnxruntime-web"
# The smallest of its builds: WebAssembly alone. WebGPU's takes twice as many bytes.
MODULES = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs")
BINARY = "ort-wasm-simd-threaded.wasm"


def install(folder: Path) -> Path:
    """Installs the package, unless it is there; returns the folder of its files.

    npm compares what it fetches with the hashes in package-lock.json.

    Args:
        folder: where packages are kept between builds.

    Raises:
        MissingWeightsError: if npm is not here, or fails; the message says why.
    """
    found = folder / "node_modules" / _PACKAGE / "dist"
    lock = folder / _LOCK.name
    if lock.is_file() and lock.read_bytes() == _LOCK.read_bytes():
        if all((found / name).is_file() for name in (*MODULES, BINARY)):
            return found
    npm = shutil.which("npm")
    if npm is None:
        raise MissingWeightsError(
            f"{_PACKAGE} is missing: install npm, which comes with Node.js."
        )
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_LOCK.with_name("package.json"), folder / "package.json")
    with tempfile.TemporaryDirectory() as cache:
        shutil.copyfile(_LOCK, lock)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(  # noqa: S603
            [*command, "--loglevel=error", f"--cache={cache}"],
            cwd=folder,
            capture_output=True,
            text=True,
        )
    if done.returncode:
        lock.unlink()
        reason = " ".join(done.stderr.split())[:300]
        raise MissingWeightsError(f"npm could not install {_PACKAGE}: {reason}")
    return found


def licences() -> dict[str, str]:
    """Returns its licence and notices by the names of their files.

    The npm package has none; they are those of the same project's Python package.
    """
    files = metadata.files("onnxruntime") or ()
    names = ("LICENSE", "ThirdPartyNotices.txt")
    return {f.name: f.read_text() for f in files if f.name in names}
