"""Ageing on Ray: what is written, what is done again, what is refused.

Needs the extra `ray`. But for the last tests no Ray is started: batches are done in
this process.
"""

import http.server
import os
import pathlib
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from helpers import tiny_export
from helpers.age_folder import age, read_report, written
from PIL import Image

from ipcgan import config
from ipcgan.config import ConfigError
from ipcgan.data.records import DataError

pyarrow = pytest.importorskip("pyarrow", reason="the extra ray is missing")
pytest.importorskip("ray", reason="the extra ray is missing")

from pyarrow import fs, parquet  # noqa: E402

from ipcgan.runs.many import age_many, cluster, stores  # noqa: E402

ROOT = pathlib.Path(__file__).parents[1]
OF_A_FOLDER = {"contact_sheet.jpg", "report.json"}
OF_MANY = {"report.parquet", ".age_many/settings.json"}


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    return tiny_export.write(tmp_path_factory.mktemp("network"))


@pytest.fixture
def batches(monkeypatch, one_finder):
    """Batches are done here; returns the names in each."""
    done = []

    def results(worker, job, names, *, batch_size, **_):
        do = worker(pickle.loads(pickle.dumps(job)))  # As Ray sends it.
        for start in range(0, len(names), batch_size):
            done.append(names[start : start + batch_size])
            yield {key: value for key, (value,) in do({"name": done[-1]}).items()}

    monkeypatch.setattr(cluster, "results", results)
    return done


@pytest.fixture
def pictures(faces, photo_folder):
    """A photograph, crops, a picture without a face, and a text, in two folders."""
    (photo_folder / "below").mkdir()
    for path in faces.iterdir():
        path.rename(photo_folder / "below" / path.name)
    (photo_folder / "notes.txt").write_text("not a picture")
    return photo_folder


def settings(network, pattern, output, **changes):
    return config.AgeConfig(
        test_data_dir=str(pattern),
        save_dir=str(output),
        checkpoint_dir=str(network),
        batch_size=changes.pop("batch_size", 2),
        engine="onnx",
        **changes,
    )


def many(*arguments, **changes):
    return age_many.age_many(settings(*arguments, **changes))


def rows_of(output):
    return parquet.read_table(output / "report.parquet").to_pylist()


def without_empty(value):
    """What a report says, without the keys that have nothing to say."""
    if isinstance(value, dict):
        return {k: without_empty(v) for k, v in value.items() if v is not None}
    return [without_empty(v) for v in value] if isinstance(value, list) else value


def assert_like_test_py(output, network, pictures, expected, **changes):
    age(network, pictures, expected, engine="onnx", **changes)
    names = written(expected) - OF_A_FOLDER
    assert written(output) == names | OF_MANY
    for name in names:
        assert (output / name).read_bytes() == (expected / name).read_bytes(), name
    report = read_report(expected)
    aged, left_out = {}, {}
    for row in without_empty(rows_of(output)):
        name, status = row.pop("name"), row.pop("status")
        if status == "aged":
            assert row.pop("engine") == report["engine"]
            aged[name] = row
        else:
            left_out[name] = row["reason"]
    assert (aged, left_out) == (report["aged"], report["left_out"])


def test_every_file_and_report_is_that_of_test_py(network, pictures, tmp_path, batches):
    result = many(network, pictures, tmp_path / "out", animate=True, label=True)
    assert (result.aged, result.skipped, len(result.left_out)) == (5, 0, 2)
    assert len(batches) == 4
    assert_like_test_py(
        tmp_path / "out",
        network,
        pictures,
        tmp_path / "expected",
        animate=True,
        label=True,
    )


def test_from_store_to_store(network, pictures, tmp_path, batches):
    store, _ = fs.FileSystem.from_uri("fsspec+memory://bucket")
    fs.copy_files(str(pictures), "/bucket/in", destination_filesystem=store)
    many(network, "fsspec+memory://bucket/in", "fsspec+memory://bucket/out")
    fs.copy_files("/bucket/out", str(tmp_path / "out"), source_filesystem=store)
    assert_like_test_py(tmp_path / "out", network, pictures, tmp_path / "expected")


def test_a_run_that_stopped_goes_on_where_it_was(network, pictures, tmp_path, batches):
    output = tmp_path / "out"
    whole = cluster.results

    def stopping(*arguments, **options):
        rows = whole(*arguments, **options)
        yield next(rows)
        raise DataError("stopped")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cluster, "results", stopping)
        with pytest.raises(DataError, match="stopped"):
            many(network, pictures, output)
    assert not (output / "report.parquet").exists()
    first = {name for names in batches for name in names}
    batches.clear()
    result = many(network, pictures, output)
    again = {name for names in batches for name in names}
    assert (len(first), result.skipped, result.aged) == (2, 2, 3)
    assert not first & again
    assert_like_test_py(output, network, pictures, tmp_path / "expected")


def test_only_what_was_left_out_is_tried_again(network, pictures, tmp_path, batches):
    output = tmp_path / "out"
    many(network, pictures, output)
    Image.new("RGB", (20, 20)).save(pictures / "wall.png")
    batches.clear()
    result = many(network, pictures, output)
    assert batches == [["notes.txt", "wall.png"]]
    assert (result.aged, result.skipped) == (1, 5)
    assert [name for name, _ in result.left_out] == ["notes.txt"]
    assert len(rows_of(output)) == len({row["name"] for row in rows_of(output)}) == 7


def test_a_batch_that_kills_every_worker_is_left_out(
    network, faces, tmp_path, batches, monkeypatch
):
    whole = cluster.results

    class Died(BaseException):
        pass

    def die(*_):
        raise Died

    def results(worker, job, names, **options):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(worker, "_age", die)
            for _ in range(3):
                with pytest.raises(Died):
                    worker(job)({"name": names[:2]})
        yield from whole(worker, job, names, **options)

    monkeypatch.setattr(cluster, "results", results)
    result = many(network, faces, tmp_path / "out")
    reason = "3 workers died while they aged a batch with it"
    assert result.left_out == [(name, reason) for name in batches[0]]
    assert (result.aged, len(batches)) == (1, 2)
    monkeypatch.setattr(cluster, "results", whole)
    assert many(network, faces, tmp_path / "out").aged == 2


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("", {"a.jpg", "b.png", "in/a.jpg", "in/deep/c.jpg"}),
        ("*.jpg", {"a.jpg"}),
        ("**/*.jpg", {"a.jpg", "in/a.jpg", "in/deep/c.jpg"}),
        ("in/*.jpg", {"a.jpg"}),
        ("?.[jp]*", {"a.jpg", "b.png"}),
        ("b.png", {"b.png"}),
    ],
)
def test_a_pattern_finds_what_shells_find(pattern, names, tmp_path):
    for name in ("a.jpg", "b.png", "in/a.jpg", "in/deep/c.jpg", ".hidden", ".in/d.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).touch()
    _, found = stores.find("--input", f"{tmp_path}/{pattern}".rstrip("/"))
    assert set(found) == names


def test_outputs_below_the_inputs_are_no_inputs(network, faces, batches):
    for _ in range(2):
        result = many(network, faces, faces / "out")
    assert (result.aged, result.skipped) == (0, 3)


def test_no_output_overwrites_another(network, faces, tmp_path, batches):
    Image.new("RGB", (20, 20)).save(faces / "anna.jpg_1.jpg")
    many(network, faces, tmp_path / "out")
    assert_like_test_py(tmp_path / "out", network, faces, tmp_path / "expected")


def test_another_runs_folder_and_foreign_files_are_refused(
    network, faces, tmp_path, batches
):
    many(network, faces, tmp_path / "out", groups=(1,))
    before = written(tmp_path / "out")
    with pytest.raises(DataError, match=r"out: .*groups=\[1\], and this one has \[2\]"):
        many(network, faces, tmp_path / "out", groups=(2,))
    assert written(tmp_path / "out") == before
    with pytest.raises(DataError, match="faces: is the folder of the inputs"):
        many(network, faces, faces)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").touch()
    with pytest.raises(DataError, match="mine: has files that no earlier run"):
        many(network, faces, tmp_path / "mine")
    assert written(tmp_path / "mine") == {"letter.txt"}


def test_what_finds_nothing_or_cannot_be_written_is_named(
    network, faces, tmp_path, batches
):
    for pattern, told in {
        f"{faces}/*.tif": r"--input=.*faces: no file there is named \*\.tif",
        f"{tmp_path}/no/*.jpg": "--input=.*no: no such folder",
        f"{tmp_path}/no": "--input=.*no: no such file or folder",
        "abc://x/*.jpg": "--input=abc://x/: cannot be opened: .*abc",
    }.items():
        with pytest.raises(DataError, match=told):
            many(network, pattern, tmp_path / "out")
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="--output=.*file/out: .* cannot be written"):
        many(network, faces, tmp_path / "file" / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_in_an_outputs_place_ends_the_run(network, faces, tmp_path, batches):
    output = tmp_path / "out"
    many(network, faces / "anna.jpg", output)
    (output / "three.four.bmp_2.png" / "in").mkdir(parents=True)
    with pytest.raises(DataError, match="out: three.four.bmp_2.png cannot be written"):
        many(network, faces, output)
    assert not list(output.glob("**/*.partial"))


@pytest.fixture
def refusing_store():
    """The address of an object store that forbids everything."""

    class Refuse(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(403)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_PUT = do_POST = do_GET

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refuse)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_store_that_refuses_is_named_without_its_keys(
    network, faces, tmp_path, refusing_store
):
    there = f"s3://key:secret@b/out?scheme=http&endpoint_override={refusing_store}"
    for pattern, output in ((there, tmp_path / "out"), (faces, there)):
        with pytest.raises(DataError, match=r"put=s3://b/out: .*ACCESS_DENIED") as told:
            many(network, pattern, output)
        assert "secret" not in str(told.value) and "\n" not in str(told.value)
    assert not (tmp_path / "out").exists()


def test_a_cluster_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setattr(cluster, "_SECONDS", 2)
    with socket.socket() as no_ray:
        no_ray.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{no_ray.getsockname()[1]}"
        with pytest.raises(DataError, match=f"--address={address}: no Ray answers"):
            cluster.check(address)
        no_ray.listen()
        with pytest.raises(DataError, match=f"--address={address}: .* 2 seconds"):
            cluster.check(address)
    with pytest.raises(DataError, match="--address=x: expected HOST:PORT"):
        cluster.check("x")


def test_without_ray_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match=r"pip install ipcgan\[ray\]"):
        cluster.check("")


def workers_of(parent):
    """The processes of Ray's actors below a process, by name."""
    parents, names = {}, {}
    for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            rest = status.read_text().rpartition(")")[2]
            title = (status.parent / "cmdline").read_bytes()
        except OSError:  # It has ended.
            continue
        parents[int(status.parent.name)] = int(rest.split()[1])
        names[int(status.parent.name)] = title

    def is_below(pid):
        return pid == parent or pid in parents and is_below(parents[pid])

    return [p for p, title in names.items() if b"MapWorker" in title and is_below(p)]


def test_killed_workers_lose_nothing(network, tmp_path):
    """On Ray itself, a worker killed (SIGKILL) when the first batch is done."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    random = np.random.default_rng(0)
    for index in range(24):
        pixels = random.integers(0, 256, (700, 700, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(pictures / f"{index}.png")
    output = tmp_path / "out"
    run = subprocess.Popen(  # noqa: S603
        [
            sys.executable,
            ROOT / "tools" / "age_many.py",
            f"--input={pictures}/*.png",
            f"--output={output}",
            f"--checkpoint_dir={network}",
            "--engine=onnx",
            "--align=never",
            "--batch_size=2",
            "--actors=2",
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    reports = output / ".age_many" / "reports"
    killed = []
    while run.poll() is None and not killed:
        if any(reports.glob("*")):
            killed = workers_of(run.pid)[:1]
            for worker in killed:
                os.kill(worker, signal.SIGKILL)
        time.sleep(0.02)
    told, errors = run.communicate(timeout=300)
    assert killed, errors
    assert run.returncode == 0, errors
    # Before it Ray tells that a worker died.
    assert told.splitlines()[-1].startswith("24 pictures aged, 0 aged before")
    assert_like_test_py(output, network, pictures, tmp_path / "expected", align="never")
