"""Exported networks: equal to Keras, used without it, refused when broken."""

import json
import pathlib
import shutil
import subprocess
import sys

import numpy as np
import pytest
from helpers import one_step
from PIL import Image

from ipcgan import checkpoints
from ipcgan.inference import engines, export
from ipcgan.inference.ager import FaceAger

ROOT = pathlib.Path(__file__).parents[1]
OUTPUTS = {
    "image": {},
    "change": {"generator_output": "change"},
    "templates": {
        "generator_output": "change",
        "templates": 2,
        "warps": True,
        "contrasts": True,
        "thumbnail": True,
    },
    "templates alone": {
        "generator_output": "change",
        "generator": "templates",
        "templates": 2,
        "warps": True,
        "contrasts": True,
    },
}
FACES = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), dtype=np.uint8)


def write_checkpoint(folder, output):
    sizes = OUTPUTS[output]
    generator = one_step.ipcgan_networks(**sizes)["generator"]
    if output != "image":
        # At first a change is nothing, and any export would be equal.
        one_step.draw_weights(generator, 7)
    checkpoints.save_weights(generator, folder, "generator")
    values = {"family": "ipcgan", "sizes": {**one_step.TINY_SIZES, **sizes}}
    checkpoints.write_json(folder / "config.json", values)
    return generator


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Checkpoints with their exports, by what the generator puts out; read only."""
    folders = {}
    for output in OUTPUTS:
        folders[output] = tmp_path_factory.mktemp(output)
        generator = write_checkpoint(folders[output], output)
        export.export(generator, folders[output], 5)
    return folders


@pytest.fixture
def folder(exported, tmp_path):
    """A copy of a checkpoint with exports, to break."""
    return shutil.copytree(exported["image"], tmp_path / "checkpoint")


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize(("engine", "levels"), [("onnx", 1), ("openvino", 3)])
def test_an_export_ages_as_keras_does(engine, levels, output, exported):
    keras = FaceAger.from_checkpoint(exported[output], engine="keras")
    other = FaceAger.from_checkpoint(exported[output], engine=engine)
    assert other.engine != keras.engine
    expected = keras(FACES, (0, 3)).astype(int)
    assert np.ptp(expected) > 50
    assert np.abs(other(FACES, (0, 3)) - expected).max() <= levels
    # Any number of faces at a time, many being computed otherwise than few: products
    # in bfloat16 may then be summed in another order.
    which = np.arange(11) % len(FACES)
    own, apart = other(FACES, (0, 3)).astype(int), int(engine == "openvino")
    assert np.abs(other(FACES[which], (0,)) - own[which, :1]).max() <= apart
    assert np.abs(other(FACES[:1], (3,)) - own[:1, 1:]).max() <= apart


def test_the_proof_is_written_down(exported):
    values = json.loads((exported["image"] / engines.EXPORT).read_text())
    assert values["weights"] == engines.digest(exported["image"])
    assert values["differences"]["ONNX Runtime, float32"] <= 1
    assert not list(exported["image"].glob(".*"))


def test_auto_takes_the_fastest_that_is_there(folder, monkeypatch):
    def named(engine="auto"):
        return FaceAger.from_checkpoint(folder, engine=engine).engine

    assert named().startswith("OpenVINO")
    assert FaceAger.from_checkpoint(folder).engine == named()
    monkeypatch.setitem(engines.MODULES, "openvino", "not_installed_here")
    assert named().startswith("ONNX")
    with pytest.raises(checkpoints.CheckpointError, match="pip install not_installed"):
        named("openvino")
    (folder / "generator.onnx").unlink()
    assert named().startswith("Keras")
    with pytest.raises(checkpoints.CheckpointError, match="tools/export.py"):
        named("onnx")


def test_exports_of_other_weights_are_not_used(folder):
    write_checkpoint(folder, "change")
    assert FaceAger.from_checkpoint(folder, engine="auto").engine.startswith("Keras")
    with pytest.raises(checkpoints.CheckpointError, match="other weights"):
        FaceAger.from_checkpoint(folder, engine="onnx")


@pytest.mark.parametrize(
    ("engine", "name"),
    [
        ("openvino", "generator.openvino.bin"),
        ("openvino", "generator.openvino.xml"),
        ("onnx", "generator.onnx"),
    ],
)
def test_a_flipped_bit_of_an_export_is_noticed(engine, name, folder, caplog):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(checkpoints.CheckpointError, match=f"{name}: its SHA-256"):
        engines.open_generator(folder, engine)
    other = {"openvino": "ONNX", "onnx": "OpenVINO"}[engine]
    assert engines.open_generator(folder, "auto").engine.startswith(other)
    assert (name in caplog.text) == (engine == "openvino")  # ONNX is asked second.


def test_auto_goes_on_where_an_export_cannot_be_opened(folder, caplog):
    values = checkpoints.read_json(folder / engines.EXPORT)
    for name in engines.FILES.values():
        (folder / name).write_bytes(b"<net/>")
    values[engines.SUMS] |= engines.sums(folder)
    checkpoints.write_json(folder / engines.EXPORT, values)
    assert engines.open_generator(folder, "auto") is None
    assert caplog.text.count("cannot be read") == 2
    (folder / engines.EXPORT).write_text("[")
    assert engines.open_generator(folder, "auto") is None


def test_exports_of_unknown_weights_are_not_used(folder):
    """As a kill in the middle of an export leaves them."""
    (folder / engines.EXPORT).unlink()
    assert FaceAger.from_checkpoint(folder, engine="auto").engine.startswith("Keras")
    with pytest.raises(checkpoints.CheckpointError, match="export.json: no such file"):
        FaceAger.from_checkpoint(folder, engine="onnx")


@pytest.mark.parametrize("size", [None, 0, 100])
def test_openvinos_weights_that_are_missing_or_cut_off_are_refused(size, folder):
    path = folder / "generator.openvino.bin"
    content = path.read_bytes()
    path.unlink()
    if size is not None:
        path.write_bytes(content[:size])
    with pytest.raises(checkpoints.CheckpointError, match="generator.openvino.bin"):
        FaceAger.from_checkpoint(folder, engine="openvino")
    with pytest.raises(checkpoints.CheckpointError, match="generator.openvino.xml"):
        engines.open_openvino(folder / engines.FILES["openvino"])


@pytest.mark.parametrize("engine", ["onnx", "openvino"])
@pytest.mark.parametrize("content", [b"", b"cos\nsystem\n(S'true'\ntR.", b"<net/>"])
def test_a_broken_export_is_refused(engine, content, folder):
    path = folder / engines.FILES[engine]
    path.write_bytes(content)
    with pytest.raises(checkpoints.CheckpointError, match=engines.FILES[engine]):
        FaceAger.from_checkpoint(folder, engine=engine)
    with pytest.raises(checkpoints.CheckpointError, match="cannot be read"):
        {"onnx": engines.open_onnx, "openvino": engines.open_openvino}[engine](path)


def test_an_export_that_is_not_equal_is_not_written(tmp_path, monkeypatch):
    generator = write_checkpoint(tmp_path, "image")
    before = sorted(tmp_path.iterdir())
    monkeypatch.setitem(export.TOLERANCE, "float32", -1.0)
    with pytest.raises(export.ExportError, match="differs from Keras"):
        export.export(generator, tmp_path, 5)
    assert sorted(tmp_path.iterdir()) == before


def test_a_pixel_counts_in_float32_and_not_in_lower_precisions():
    expected = np.zeros((2, 40, 40, 3), np.float32)
    aged = expected.copy()
    aged[0, 3, 5] = 10 / 127.5  # three of 9,600 numbers
    assert export.difference(aged, expected, "float32") == pytest.approx(10)
    assert export.difference(aged, expected, "bfloat16") == 0
    aged[1, :2] = 5 / 127.5
    assert export.difference(aged, expected, "bfloat16") == pytest.approx(5)
    aged[1, 0, 0, 0] = np.nan
    assert np.isnan(export.difference(aged, expected, "bfloat16"))


def test_a_lower_precision_that_was_not_compared_is_not_used(folder):
    values = checkpoints.read_json(folder / engines.EXPORT)
    values["differences"].pop("OpenVINO, bfloat16", None)
    checkpoints.write_json(folder / engines.EXPORT, values)
    assert engines.open_generator(folder, "openvino").engine == "OpenVINO, float32"


def test_a_lower_precision_that_is_not_equal_is_left_out(tmp_path, monkeypatch):
    generator = write_checkpoint(tmp_path, "image")
    monkeypatch.setitem(export.TOLERANCE, "bfloat16", -1.0)
    assert "OpenVINO, bfloat16" not in export.export(generator, tmp_path, 5)
    assert engines.open_generator(tmp_path, "openvino").engine == "OpenVINO, float32"


def test_a_signal_is_handled_after_exports_were_let_go(exported):
    code = (
        "import os, pathlib, signal, sys\n"
        "from ipcgan.inference import engines\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "first, second = engines.open_openvino(path), engines.open_openvino(path)\n"
        "del first, second  # in this order the second outlives the first.\n"
        "signal.signal(signal.SIGTERM, lambda *_: print('handled'))\n"
        "os.kill(os.getpid(), signal.SIGTERM)\n"
    )
    path = exported["image"] / engines.FILES["openvino"]
    answer = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code, path], cwd=ROOT, capture_output=True, text=True
    )
    assert (answer.returncode, answer.stdout) == (0, "handled\n"), answer.stderr


def test_ageing_by_an_export_imports_nothing_slow(folder, tmp_path):
    for path in folder.glob("*.h5"):
        path.unlink()  # Nor the weights.
    (tmp_path / "faces").mkdir()
    Image.fromarray(FACES[0]).save(tmp_path / "faces" / "anna.png")
    code = (
        "import runpy, sys\n"
        "for name in 'keras tensorflow jax h5py dlib scipy matplotlib'.split():\n"
        "    sys.modules[name] = None\n"
        "sys.argv = sys.argv[1:]\n"
        "runpy.run_path('test.py', run_name='__main__')\n"
    )
    arguments = {
        "test_data_dir": tmp_path / "faces",
        "save_dir": tmp_path / "out",
        "checkpoint_dir": folder,
    }
    answer = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code, "test.py"]
        + [f"--{name}={value}" for name, value in arguments.items()],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr
    assert "1 faces aged by OpenVINO" in answer.stdout
