"""The page without a server: built, put on a host of files, used in a browser."""

import base64
import contextlib
import hashlib
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import test_web_page as web_page
from helpers import browser, tiny_export, web_app
from PIL import Image

from ipcgan import PhotoAger, checkpoints
from ipcgan.data import images, marks
from ipcgan.photos import MissingWeightsError
from ipcgan.web.site import build, comparison, host, runtime

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "images"
_LOADING = 6 * browser.PATIENCE  # 14 MB of WebAssembly are compiled.


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    return tiny_export.write(tmp_path_factory.mktemp("checkpoints") / "tiny_64")


@pytest.fixture(scope="module")
def site(network, tmp_path_factory):
    """A site with a tiny generator; read only."""
    folder = tmp_path_factory.mktemp("host") / "site"
    try:
        build.build(folder, str(network), ROOT / "build" / "npm", effort=1)
    except MissingWeightsError as error:
        pytest.skip(f"{browser.LEFT_OUT}: {error}")
    return folder


@pytest.fixture(scope="module")
def served(site):
    with host.serving(site) as server:
        yield server


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    """Its camera sees the photograph; requests of service workers are seen, too."""
    film = tmp_path_factory.mktemp("camera") / "camera.mjpeg"
    film.write_bytes(web_app.encoded(web_app.photo(600)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PW_EXPERIMENTAL_SERVICE_WORKER_NETWORK_EVENTS", "1")
        with browser.started(f"--use-file-for-fake-video-capture={film}") as found:
            yield found


@contextlib.contextmanager
def ready_page(chromium, address, **options):
    with browser.new_page(chromium, **options) as page:
        go(page, address)
        yield page


def go(page, address):
    browser.go(page, address, _LOADING)


@pytest.fixture(scope="module")
def page(chromium, served):
    """A page that all tests share, as loading the engine takes a while."""
    with ready_page(chromium, served.address) as made:
        yield made


@pytest.fixture(autouse=True)
def first_again(request):
    """Leaves the shared page as it was before a photograph came."""
    yield
    if "page" in request.fixturenames:
        page = request.getfixturevalue("page")
        if page.is_visible("#another"):
            page.click("#another")


def wait_for_judge(page):
    web_page.wait_until(
        page,
        "/\\d+\\s+\\d+/.test(document.querySelector('#judged tbody').innerText)",
    )


def test_results_are_those_of_python(page, network):
    names = ["photo.jpg", "test/nobody-102.png", "test/astronaut.png"]
    found = comparison.compare(
        page,
        PhotoAger(network, engine="onnx"),
        [SAMPLES / name for name in names],
        (20, 65, 80),
    )
    assert [difference.faces for difference in found] == [3, 1, 1]
    # A landmark may be rounded to the next pixel; else single levels are left.
    assert all(difference.mean < 2 for difference in found), found


def test_nothing_changes_but_faces(page):
    photo = images.read_image(SAMPLES / "photo.jpg")
    web_page.give(page, web_app.encoded(photo, "PNG"), "photo.png")
    web_page.wait_for_result(page)
    content, name = web_page.downloaded(page)
    assert name == "photo_age65.png"
    made = np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)
    changed = np.abs(made - photo).max(axis=2) > 0
    assert 0.02 < changed.mean() < 0.5
    assert not changed[[0, -1]].any()


@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_the_file_says_that_ai_made_it(ending, page):
    image_format = {"jpg": "JPEG", "png": "PNG"}[ending]
    content = web_app.encoded(web_app.photo(), image_format)
    web_page.give(page, content, f"photo.{ending}")
    web_page.wait_for_result(page)
    content, _ = web_page.downloaded(page)
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        assert image.format == image_format
        xmp = image.info["xmp" if ending == "jpg" else "XML:com.adobe.xmp"]
    packet = xmp if isinstance(xmp, bytes) else xmp.encode()
    assert packet == marks.packet(marks.COMPOSITE)


def test_a_turned_photograph_lies_upright(page):
    turned = Image.fromarray(np.rot90(web_app.photo()))
    exif = Image.Exif()
    exif[0x0112] = 6  # Turned clockwise by a quarter, it is upright.
    file = io.BytesIO()
    turned.save(file, "JPEG", quality=95, exif=exif)
    web_page.give(page, file.getvalue())
    web_page.wait_for_result(page)
    height, width = web_app.photo().shape[:2]
    with Image.open(io.BytesIO(web_page.downloaded(page)[0])) as image:
        assert image.size == (width, height)
        assert 0x0112 not in image.getexif()


def test_the_judge_comes_after_the_first_result(chromium, served):
    before = len(served.asked)
    with ready_page(chromium, served.address) as page:
        first = served.asked[before:]
        assert not [path for path in first if "judge" in path]
        web_page.give(page)
        web_page.wait_for_result(page)
        wait_for_judge(page)
        assert [path for path in served.asked[before:] if "judge" in path]
        page.click("[data-change='20']")
        web_page.wait_until(page, "document.querySelector('#after').alt.includes('20')")
        wait_for_judge(page)
        assert web_page.downloaded(page)[1] == "photo_age+20.jpg"


def test_every_button_is_pressed(page):
    web_page.give(page)
    web_page.wait_for_result(page)
    wait_for_judge(page)
    page.click("#another")
    web_page.test_every_button_is_pressed(lambda **_: page)


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (web_app.encoded(np.full((90, 90, 3), 99, np.uint8)), "a.jpg", "No face"),
        (b"hello", "a.jpg", "cannot be read as a picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a.heic", "not possible here"),
    ],
)
def test_what_cannot_be_aged_is_a_sentence_with_hints(content, name, sentence, page):
    web_page.give(page, content, name)
    page.wait_for_selector("#problem strong")
    assert sentence in page.inner_text("#problem strong")
    assert page.locator("#problem li").count() >= 1
    page.click("#problem button")


_KEPT = """caches.open("ipcgan").then((cache) => cache.keys()).then((keys) =>
  ["index.html", "page.js", "style.css", "weights/generator", "engine/worker.js",
   "examples/astronaut", "examples/admiral", "examples/both"].every((path) =>
     keys.some(({ url }) => url.includes(`/${path}`))))"""
_UPDATE = "navigator.serviceWorker.getRegistration().then((r) => r.update())"
_KEYS = """caches.open("ipcgan").then((cache) => cache.keys()).then((keys) =>
  keys.map(({ url }) => url))"""


def test_later_visits_need_no_network_but_for_what_changed(chromium, site, tmp_path):
    shutil.copytree(site, tmp_path / "site")
    with browser.new_page(chromium) as page:
        with host.serving(tmp_path / "site") as server:
            go(page, server.address)
            assert page.evaluate("crossOriginIsolated")  # Threads may be used.
            web_page.wait_until(page, _KEPT)
            before = page.evaluate(_KEYS)
            _change(tmp_path / "site")
            server.asked.clear()
            page.evaluate(_UPDATE)
            web_page.wait_until(page, f"{_KEYS}.then((k) => k.length > {len(before)})")
            assert server.asked == ["service-worker.js", "texts.js"]
        go(page, server.address)
        after = page.evaluate(_KEYS)
        changed = [url for url in before if "/texts.js" in url]
        assert set(before) - set(after) == set(changed)
        page.click("[data-example=astronaut]")
        web_page.wait_for_result(page)
        assert web_page.downloaded(page)[1] == "astronaut_age65.jpg"


def _change(site):
    """Makes a new version of a site: another texts.js."""
    texts, worker = site / "texts.js", site / "service-worker.js"
    content = texts.read_bytes()
    old, new = (
        base64.b64encode(hashlib.sha256(c).digest()).decode()
        for c in (content, content + b"// new")
    )
    texts.write_bytes(content + b"// new")
    listed = worker.read_text()
    assert old in listed
    worker.write_text(listed.replace(old, new))


def test_the_list_of_files_is_complete(site):
    """And every address is relative: a site may lie anywhere."""
    settings = json.loads((site / "engine/settings.json").read_text())
    for file in settings["files"].values():
        assert (site / file["path"]).stat().st_size == file["bytes"]
    worker = (site / "service-worker.js").read_text()
    listed = json.loads(worker.split("const FILES = ")[1].split(";\n")[0])
    there = {
        path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()
    }
    licences = {path for path in there if path.startswith("licences/")}
    assert listed.keys() == there - licences - {"service-worker.js"}
    assert {"licences/yunet.txt", "licences/landmarks.txt"} <= licences
    page = (site / "index.html").read_text()
    assert 'src="/' not in page
    assert 'href="/' not in page


def test_a_folder_of_other_files_is_not_replaced(network, tmp_path):
    (tmp_path / "letters.txt").write_text("dear")
    with pytest.raises(checkpoints.CheckpointError, match="holds other files"):
        build.build(tmp_path, str(network), tmp_path)
    assert (tmp_path / "letters.txt").read_text() == "dear"


def test_without_npm_the_build_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(runtime.shutil, "which", lambda name: None)
    with pytest.raises(MissingWeightsError, match="install npm"):
        runtime.install(tmp_path)
