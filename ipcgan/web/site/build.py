"""Writes the page without a server: its files, the networks and a list of both."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import shutil
import tempfile
from importlib import metadata
from pathlib import Path

import deflate
import onnx

from ipcgan import checkpoints, photos
from ipcgan.checkpoints import shipped
from ipcgan.inference import config_values, engines
from ipcgan.photos import weights, yunet
from ipcgan.web import judging, models, static_files
from ipcgan.web.limits import Limits
from ipcgan.web.site import landmark_file, networks, runtime

BACKEND = 'export { backend } from "./backends/browser.js";\n'
_LEFT_OUT = ("backends/server.js", "backend.js")
_WORKER = "engine/service-worker.js"  # moves to the root, whose files it answers for.
# What the page begins with is kept from the first visit on; the rest once it was used.
_SMALL = (".html", ".css", ".js", ".mjs", ".json", ".svg")
_LATE = "weights/judge-"  # is fetched after the first result.
_REFERRER = '<meta name="referrer" content="no-referrer">'
# Even if this page were changed by somebody: browsers send nothing elsewhere.
_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
    "style-src 'self'; img-src 'self' blob:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'"
)
_LICENCES = (
    '<p><a href="./licences/README.txt" data-text="licences">Licences</a></p>\n    '
)
_USUAL, _MOST = 6, 12  # of hosts and here: how hard gzip tries.
_NOTICE = """\
This folder was built from ipcgan's sources. What it consists of:

page, engine       ipcgan          Apache-2.0, see ipcgan.txt
generator          ipcgan          non-commercial research only, see generator.md
detector           YuNet           MIT, see yunet.txt
landmarks          dlib-models     CC0-1.0, see landmarks.txt
judge              HSE_FaceRec_tf  Apache-2.0, see judge.txt and judge.md
runtime            ONNX Runtime    MIT, see onnxruntime-*.txt
"""


@dataclasses.dataclass(frozen=True)
class Written:
    """A file of the site.

    Attributes:
        path: in the folder.
        bytes: of the file as it lies there.
        sent: bytes that a host sends which compresses by gzip.
        first: whether it is needed before the first face.
    """

    path: str
    bytes: int
    sent: int
    first: bool


def build(
    save_dir: Path, checkpoint_dir: str, packages: Path, effort: int = _MOST
) -> list[Written]:
    """Writes the site.

    Args:
        save_dir: folder that the site replaces, all at once.
        checkpoint_dir: of the generator; exported by tools/export.py.
        packages: folder that npm's packages are kept in between builds.
        effort: of compression, 1 to 12.

    Returns:
        Its files.

    Raises:
        CheckpointError: if the generator has no export, or one of other weights.
        MissingWeightsError: if weights, or npm, are missing.
        OSError: if the folder cannot be written to.
    """
    if save_dir.exists() and not (save_dir / "service-worker.js").is_file():
        if any(save_dir.iterdir()):
            raise checkpoints.CheckpointError(
                f"--save_dir={save_dir}: holds other files; name a folder that is "
                "empty, or not there, or an older site."
            )
    save_dir.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=save_dir.parent, prefix=".site-") as partial:
        folder = Path(partial) / "site"
        folder.mkdir()
        found = runtime.install(packages)
        _write_page(folder)
        checkpoint = config_values.find(shipped.located(checkpoint_dir))
        _write_engine(folder, found, checkpoint, effort)
        _write_licences(folder, checkpoint)
        _write_service_worker(folder)
        shutil.rmtree(save_dir, ignore_errors=True)
        folder.rename(save_dir)
    return _listed(save_dir)


def _write_page(folder):
    for name, file in static_files.read().items():
        if name not in _LEFT_OUT:
            _write(folder / name, file.content)
    _write(folder / "backend.js", BACKEND.encode())
    page = (folder / "index.html").read_text(encoding="utf-8")
    policy = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    page = page.replace(_REFERRER, f"{policy}\n    {_REFERRER}")
    page = page.replace("</footer>", f"{_LICENCES}</footer>")
    _write(folder / "index.html", page.encode())


def _write_engine(folder, found, checkpoint, effort):
    for name in runtime.MODULES:
        _write(folder / "runtime" / name, (found / name).read_bytes())
    content = {
        "runtime": (found / runtime.BINARY).read_bytes(),
        "detector": yunet.WEIGHTS.read_bytes(),
        "landmarks": landmark_file.convert(photos.dlib_landmarks()),
        "generator": _generator(checkpoint).SerializeToString(),
        "judge": judging.weights().read_bytes(),
    }
    files = {
        name: _write_large(folder, name, deflate.gzip_compress(c, effort))
        for name, c in content.items()
    }
    _write(
        folder / "engine/settings.json",
        json.dumps({**_settings(checkpoint), "files": files}, indent=1).encode(),
    )


def _generator(checkpoint):
    engines.open_generator(checkpoint, "onnx")  # Refuses exports of other weights.
    return networks.shrink_generator(_opened(checkpoint / engines.FILES["onnx"]))


def _opened(path):
    return onnx.load(path)


def _settings(checkpoint):
    """Returns what engine/ager.js is told of the generator, and its limits."""
    path = checkpoint / checkpoints.CONFIG
    values = checkpoints.read_json(path)
    names = config_values.group_names(values, path)
    judged = config_values.judged_years(values, path, len(names))
    scale = config_values.year_scale(names, judged)
    if scale is None:
        raise checkpoints.CheckpointError(f"{checkpoint}: ages to no known years.")
    limits = Limits()
    return {
        "name": values.get("family", checkpoint.name),
        "youngest": scale.youngest,
        "oldest": models.OLDEST,
        "groupYears": scale.group_years,
        "template": config_values.template(values, path).tolist(),
        "size": values["sizes"]["image_size"],
        "maxBytes": limits.max_bytes,
        "maxPixels": limits.max_pixels,
    }


def _write_large(folder, name, packed):
    """Writes a compressed file under a name that changes with its content."""
    digest = hashlib.sha256(packed).hexdigest()[:12]
    path = f"weights/{name}-{digest}.bin"  # No .gz: hosts would think of something.
    _write(folder / path, packed)
    return {"path": path, "bytes": len(packed)}


def _write_licences(folder, checkpoint):
    places = {
        "generator.md": checkpoint / "MODEL_CARD.md",
        "judge.md": judging.weights().with_name("MODEL_CARD.md"),
        "judge.txt": judging.weights().with_name("LICENSE"),
        "yunet.txt": yunet.WEIGHTS.with_name("yunet_2023mar.LICENSE.txt"),
    }
    texts = {
        name: path.read_text(encoding="utf-8")
        for name, path in places.items()
        if path.is_file()  # Only shipped networks have a card.
    }
    texts["README.txt"] = _NOTICE
    texts["ipcgan.txt"] = _licence_of("ipcgan")
    texts["landmarks.txt"] = weights.landmarks_licence()
    for name, text in runtime.licences().items():
        texts[f"onnxruntime-{Path(name).stem.lower()}.txt"] = text
    for name, text in texts.items():
        _write(folder / "licences" / name, text.encode())


def _licence_of(package):
    own = Path(__file__).parents[3] / "LICENSE"  # of the clone.
    if own.is_file():
        return own.read_text(encoding="utf-8")
    (file,) = (f for f in metadata.files(package) or () if f.name == "LICENSE")
    return file.read_text()


def _write_service_worker(folder):
    source = folder / _WORKER
    files, small = {}, []
    for path in _paths(folder):
        if path == source or path.parts[-2] == "licences":
            continue
        name = path.relative_to(folder).as_posix()
        digest = hashlib.sha256(path.read_bytes()).digest()
        files[name] = base64.b64encode(digest).decode()
        if path.suffix in _SMALL:
            small.append(name)
    late = [name for name in files if name.startswith(_LATE)]
    lists = {"FILES": files, "SMALL": small, "LATE": late}
    head = "".join(f"const {n} = {json.dumps(v)};\n" for n, v in lists.items())
    _write(folder / "service-worker.js", head.encode() + source.read_bytes())
    source.unlink()


def _listed(folder):
    found = []
    for path in _paths(folder):
        name = path.relative_to(folder).as_posix()
        content = path.read_bytes()
        sent = len(content)
        if path.suffix in (*_SMALL, ".txt", ".md"):
            sent = len(deflate.gzip_compress(content, _USUAL))
        first = not name.startswith((_LATE, "licences/"))
        found.append(Written(name, len(content), sent, first))
    return found


def _paths(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
