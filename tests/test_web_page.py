"""The page in a real browser: what its users do, and that it asks nobody else."""

import base64
import contextlib
import io
import threading

import numpy as np
import pytest
from helpers import browser, tiny_export, web_app
from PIL import Image

from ipcgan import config
from ipcgan.runs.age import age_folder
from ipcgan.web.limits import Limits
from ipcgan.web.server import Server

PHOTO = web_app.encoded(web_app.photo())
KINDS = {"jpg": "image/jpeg", "png": "image/png", "heic": "image/heic"}


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    return tiny_export.write(tmp_path_factory.mktemp("checkpoints") / "tiny_64")


@pytest.fixture(scope="module")
def app(network, tmp_path_factory):
    other = tiny_export.write(tmp_path_factory.mktemp("others") / "second_64")
    made = web_app.make(web_app.load([network, other]))
    yield made
    made.close()


@pytest.fixture(scope="module")
def address(app):
    with Server("127.0.0.1", 0, app, Limits()) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    """Its camera sees the photograph."""
    film = tmp_path_factory.mktemp("camera") / "camera.mjpeg"
    film.write_bytes(web_app.encoded(web_app.photo(600)))
    with browser.started(f"--use-file-for-fake-video-capture={film}") as found:
        yield found


@pytest.fixture
def open_page(chromium, address):
    """Returns a function that opens the page, ready for a photograph."""
    with contextlib.ExitStack() as stack:

        def opened(allowed=(), query="", **options):
            made = browser.new_page(chromium, allowed, **options)
            page = stack.enter_context(made)
            browser.go(page, address + query)
            return page

        yield opened


@pytest.fixture
def page(open_page):
    return open_page()


def give(page, content=PHOTO, name="photo.jpg"):
    kind = KINDS.get(name.split(".")[-1], "image/jpeg")
    file = {"name": name, "mimeType": kind, "buffer": content}
    page.set_input_files("#file", file)


def wait_for_result(page):
    """Waits until what is asked for is shown."""
    page.wait_for_selector("#main[aria-busy=false] #after:not([hidden])")
    page.wait_for_selector("#strip img")


def wait_until(page, expression):
    """Playwright's own way evaluates texts in the page, whose policy forbids that."""
    for _ in range(browser.PATIENCE // 20):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"never: {expression}")


def asked(page):
    """Returns a context in which something is asked for; its result is waited for."""
    return page.expect_response(lambda response: response.url.endswith("/age"))


def downloaded(page):
    with page.expect_download() as download:
        page.click("#download")
    with open(download.value.path(), "rb") as file:
        return file.read(), download.value.suggested_filename


def shown(page):
    return page.inner_text("#shown")


@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_what_is_downloaded_is_the_file_that_test_py_writes(
    ending, page, network, tmp_path, one_finder
):
    source = tmp_path / "in" / f"photo.{ending}"
    source.parent.mkdir()
    image_format = {"jpg": "JPEG", "png": "PNG"}[ending]
    source.write_bytes(web_app.encoded(web_app.photo(), image_format))
    age_folder.age_folder(
        config.AgeConfig(
            test_data_dir=str(source.parent),
            save_dir=str(tmp_path / "out"),
            checkpoint_dir=str(network),
            ages=(65,),
            align="always",
            engine="onnx",
        )
    )
    give(page, source.read_bytes(), source.name)
    wait_for_result(page)
    content, name = downloaded(page)
    assert name == f"photo_age65.{ending}"
    written = tmp_path / "out" / f"photo.{ending}_age65.{ending}"
    assert content == written.read_bytes()


def test_both_pictures_are_shown_at_full_resolution(page):
    photo = np.kron(web_app.photo(), np.ones((5, 4, 1), np.uint8))
    height, width = photo.shape[:2]
    give(page, web_app.encoded(photo))
    wait_for_result(page)
    for image in ("#before", "#after"):
        size = page.eval_on_selector(image, "i => [i.naturalWidth, i.naturalHeight]")
        assert size == [width, height]


def test_a_photograph_of_24_megapixels(page):
    photo = Image.fromarray(web_app.photo(600)).resize((4000, 6000))
    give(page, web_app.encoded(np.asarray(photo), quality=80))
    wait_for_result(page)
    assert Image.open(io.BytesIO(downloaded(page)[0])).size == (4000, 6000)


def test_heic_is_shown_and_comes_back_as_jpeg(page):
    pillow_heif = pytest.importorskip("pillow_heif")
    file = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(web_app.photo())).save(file)
    give(page, file.getvalue(), "IMG_0001.heic")
    wait_for_result(page)
    assert page.eval_on_selector("#before", "i => i.naturalHeight") == 300
    assert downloaded(page)[1] == "IMG_0001_age65.jpg"


def test_faces_are_framed_numbered_and_chosen(page):
    photo = web_app.photo()
    third = np.hstack([photo] * 3)
    give(page, web_app.encoded(third))
    wait_for_result(page)
    frames = page.locator("#frames button")
    assert frames.all_inner_texts() == ["1", "2", "3"]
    assert page.locator("#judged tbody tr").count() == 1
    box = frames.nth(1).bounding_box()
    picture = page.locator("#compare").bounding_box()
    assert picture["x"] <= box["x"] < box["x"] + box["width"]
    assert box["x"] + box["width"] <= picture["x"] + picture["width"]

    def rows_after(action):
        with asked(page):
            action()
        wait_for_result(page)
        return page.locator("#judged tbody th").all_inner_texts()

    assert rows_after(frames.nth(2).click) == ["3"]
    chip = page.locator("#faces button")
    assert rows_after(chip.nth(3).click) == ["1", "2", "3"]
    assert rows_after(chip.nth(0).click) == ["2", "3"]
    assert frames.nth(0).get_attribute("aria-pressed") == "false"
    alt = page.get_attribute("#after", "alt")
    assert alt == "The photograph with faces 2, 3 at 65 years"


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (web_app.encoded(np.full((90, 90, 3), 99, np.uint8)), "a.jpg", "No face"),
        (b"hello", "a.jpg", "cannot be read as a picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a.heic", "cannot be read"),
    ],
)
def test_what_cannot_be_aged_is_a_sentence_with_hints(
    content, name, sentence, open_page
):
    page = open_page(allowed=("status of 4",))  # Browsers note refusals.
    give(page, content, name)
    page.wait_for_selector("#problem strong")
    assert sentence in page.inner_text("#problem strong")
    assert page.locator("#problem li").count() >= 1
    assert page.get_attribute("#problem", "role") == "alert"
    # Another photograph is all it needs.
    give(page)
    wait_for_result(page)
    assert page.locator("#problem strong").count() == 0


def test_too_large_a_file_is_not_even_sent(page):
    asked_for = []
    page.on("request", lambda request: asked_for.append(request.url))
    page.evaluate("""() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(30_000_001)], "photo.jpg"));
      const event = new DragEvent("drop", { dataTransfer: transfer, bubbles: true });
      document.body.dispatchEvent(event);
    }""")
    page.wait_for_selector("#problem strong")
    assert page.inner_text("#problem strong") == "This picture is too large"
    assert "At most 30\xa0MB and 40\xa0megapixels" in page.inner_text("#problem li")
    assert not asked_for


_FILE = """([text, type]) => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], "photo.jpg", { type: "image/jpeg" }));
  const event = type === "paste"
    ? new ClipboardEvent(type, { clipboardData: transfer, bubbles: true })
    : new DragEvent(type, { dataTransfer: transfer, bubbles: true });
  document.body.dispatchEvent(event);
}"""


@pytest.mark.parametrize("kinds", [("dragover", "drop"), ("paste",)])
def test_a_photograph_is_dropped_or_pasted(kinds, page):
    for kind in kinds:
        page.evaluate(_FILE, [base64.b64encode(PHOTO).decode(), kind])
    wait_for_result(page)


def test_a_photograph_is_taken(page):
    page.click("#use-camera")
    page.wait_for_selector("#take:enabled")
    page.click("#take")
    wait_for_result(page)
    assert downloaded(page)[1] == "photograph_age65.jpg"
    assert page.evaluate("document.querySelector('video').srcObject") is None


def test_the_camera_may_be_left(page):
    page.click("#use-camera")
    page.wait_for_selector("#take:enabled")
    page.keyboard.press("Escape")
    wait_until(page, "document.querySelector('video').srcObject === null")


def test_the_slider_and_the_buttons_ask_for_ages(page):
    give(page)
    wait_for_result(page)
    judged = page.inner_text("#judged td")
    with asked(page) as answer:
        page.locator("#years").fill("20")
    assert answer.value.request.post_data_json["years"] == 20
    assert shown(page) == "20"
    with asked(page) as answer:
        page.click("[data-change='-20']")
    assert answer.value.request.post_data_json["change"] == -20
    assert shown(page) == "−20"
    assert page.input_value("#years") == str(int(judged) - 20)
    with asked(page) as answer:
        page.click("#strip button >> nth=3")
    assert answer.value.request.post_data_json["years"] == 40
    wait_for_result(page)
    pressed = page.locator("#strip [aria-pressed=true]")
    assert pressed.all_inner_texts() == ["40"]
    with asked(page) as answer:
        page.click("#families label >> nth=1")
    assert answer.value.request.post_data_json["family"] == "second"


def test_only_the_last_age_that_was_asked_for_is_shown(page):
    give(page)
    wait_for_result(page)
    for years in (20, 30, 75):
        page.locator("#years").fill(str(years))
        page.wait_for_timeout(150)
    wait_until(page, "document.getElementById('after').alt.includes('75')")
    wait_for_result(page)
    assert downloaded(page)[1] == "photo_age75.jpg"


def test_everything_is_done_by_keyboard(page):
    give(page)
    wait_for_result(page)
    page.focus("#split")
    before = page.input_value("#split")
    page.keyboard.press("ArrowRight")
    assert int(page.input_value("#split")) == int(before) + 1
    position = "getComputedStyle(document.getElementById('compare'))"
    assert page.evaluate(f"{position}.getPropertyValue('--split')") == (
        f"{page.input_value('#split')}%"
    )
    page.focus("#years")
    with asked(page):
        page.keyboard.press("End")
    assert shown(page) == "80"
    # Tab comes by everything that can be pressed, in the order of the page.
    order = page.evaluate("""() => [...document.querySelectorAll(
        'button, a[href], input')].filter(e => e.checkVisibility() && !e.disabled
        && e.tabIndex >= 0).map(e => e.id || e.className || e.textContent.trim())""")
    page.evaluate("document.activeElement.blur()")
    seen = []
    for _ in range(len(order) + 3):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate("""() => { const e = document.activeElement;
              return e.id || e.className || e.textContent.trim(); }""")
        )
    assert {"split", "years", "download", "play", "another", "frame"} <= set(seen)
    assert set(order) - set(seen) <= {""}  # Of radio buttons Tab takes one.


def test_dragging_moves_the_divider(page):
    give(page)
    wait_for_result(page)
    box = page.locator("#compare").bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.9 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.9 * box["height"])
    page.mouse.up()
    assert abs(int(page.input_value("#split")) - 20) <= 1


def test_the_animation_runs_until_it_is_stopped(page):
    give(page)
    wait_for_result(page)
    assert page.inner_text("#film-years") == "11"
    page.click("#play")
    wait_until(page, "document.getElementById('film-years').textContent >= '13'")
    page.click("#play")
    years = page.inner_text("#film-years")
    page.wait_for_timeout(200)
    assert page.inner_text("#film-years") == years
    label = page.get_attribute("#film", "aria-label")
    assert label == "Face 1 from 11 to 80 years"


_WATCH = """() => {
  window.pressed = new Set();
  addEventListener("click", ({ target }) => {
    const found = target.closest("button, a.button, label");
    if (found) window.pressed.add(nameOf(found));
  }, true);
  window.nameOf = (e) => e.id || e.dataset.change || e.dataset.face
    || e.dataset.years || e.dataset.language || e.dataset.example
    || e.querySelector("input")?.value || e.textContent.trim();
}"""
_ALL = """() => [...document.querySelectorAll("button, a.button, label")].map(nameOf)"""


def test_every_button_is_pressed(open_page):
    page = open_page(allowed=("status of 4",))
    page.evaluate(_WATCH)
    for example in ("astronaut", "admiral", "both"):
        page.click(f"[data-example={example}]")
        wait_for_result(page)
        page.click("#another")
    with page.expect_file_chooser():
        page.click("#choose")
    page.click("#use-camera")
    page.wait_for_selector("#take:enabled")
    page.click("#camera-close")
    page.click("#use-camera")
    page.wait_for_selector("#take:enabled")
    page.click("#take")
    wait_for_result(page)
    give(page, b"hello")
    page.click("#problem button")
    assert page.inner_text("#problem") == ""
    for group in ("#changes", "#faces", "#families label", "#strip", ".languages"):
        if group.startswith("#faces"):
            give(page, web_app.encoded(np.hstack([web_app.photo()] * 2)))
            page.wait_for_selector("#faces button >> nth=2")
            wait_for_result(page)
        one = group if "label" in group else f"{group} button"
        for number in range(page.locator(one).count()):
            page.locator(one).nth(number).click()
            page.wait_for_timeout(10)
            page.wait_for_selector("#main[aria-busy=false]")
    page.click("[data-language=en]")
    for number in range(2):
        page.locator("#frames button").nth(number).click()
    page.click("#play")
    page.click("#download")
    wait_for_result(page)
    found = set(page.evaluate(_ALL))
    pressed = set(page.evaluate("[...window.pressed]"))
    assert found - pressed == set()


def test_a_busy_server_is_asked_again(open_page, address):
    page = open_page(allowed=("status of 503",))
    times = []

    def busy_once(route):
        times.append(1)
        if len(times) > 1:
            return route.continue_()
        return route.fulfill(status=503, headers={"Retry-After": "0"})

    page.route("**/api/pictures", busy_once)
    give(page)
    wait_for_result(page)
    assert len(times) == 2


def test_a_forgotten_photograph_and_a_lost_server_are_sentences(open_page, app):
    page = open_page(allowed=("status of 410", "ERR_FAILED"))
    give(page)
    wait_for_result(page)
    for name in list(app.pictures._entries):
        app.pictures.remove(name)
    page.click("[data-change='10']")
    page.wait_for_selector("#problem strong")
    assert "forgotten" in page.inner_text("#problem")
    page.route("**/api/**", lambda route: route.abort())
    page.click("[data-change='20']")
    wait_until(
        page, "document.getElementById('problem').textContent.includes('no answer')"
    )


def test_a_photograph_is_closed_with_its_page(page, app):
    give(page)
    wait_for_result(page)
    before = len(app.pictures)
    with page.expect_request(lambda request: request.method == "DELETE"):
        page.click("#another")
    page.wait_for_timeout(100)
    assert len(app.pictures) == before - 1


def test_it_speaks_german_with_germans(open_page):
    page = open_page(locale="de-AT")
    assert page.evaluate("document.documentElement.lang") == "de"
    assert page.inner_text("h1 >> nth=0") == "Ein Gesicht, in anderem Alter"
    give(page)
    wait_for_result(page)
    assert page.inner_text("#download") == "Herunterladen"
    assert "keine Vorhersage" in page.inner_text("#judged-part")
    page.click("[data-language=en]")
    assert page.inner_text("#download") == "Download"
    assert "not a prediction" in page.inner_text("#judged-part")


def test_both_languages_say_everything(page):
    texts = page.evaluate("import('./texts.js').then(({ texts }) => texts)")
    english, german = texts["en"], texts["de"]
    assert english.keys() == german.keys()
    values = {key: set(_values(text)) for key, text in english.items()}
    assert values == {key: set(_values(text)) for key, text in german.items()}
    named = page.evaluate("""() => [...document.querySelectorAll(
        '[data-text], [data-label]')].map(e => e.dataset.text ?? e.dataset.label)""")
    assert set(named) <= english.keys()


def _values(text):
    return [part.split("}")[0] for part in text.split("{")[1:]]


def test_without_scripts_the_document_says_the_english_texts(open_page, chromium):
    page = open_page()
    texts = page.evaluate("import('./texts.js').then(({ texts }) => texts.en)")
    with browser.new_page(chromium, java_script_enabled=False) as plain:
        plain.goto(page.url)
        for node in plain.locator("[data-text]").all():
            key = node.get_attribute("data-text")
            said = " ".join(node.text_content().split())
            assert said == texts[key].replace("\xa0", " "), key


@pytest.mark.parametrize("width", [320, 390, 820, 1440])
def test_nothing_is_wider_than_the_screen(width, open_page):
    page = open_page(("status of 4",), viewport={"width": width, "height": 800})

    def is_within():
        return page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    assert is_within()
    give(page, b"hello")
    page.wait_for_selector("#problem strong")
    assert is_within()
    give(page, web_app.encoded(np.hstack([web_app.photo()] * 2)))
    wait_for_result(page)
    assert is_within()
    page.click("[data-language=de]")
    assert is_within()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_accessibility_fault(scheme, open_page):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = open_page(
        allowed=("status of 4",),
        color_scheme=scheme,
        viewport={"width": 1000, "height": 900},
        bypass_csp=True,  # The checker itself is put into the page.
        reduced_motion="reduce",  # Halfway through a transition no colour counts.
    )
    checker = axe.Axe()

    def check():
        found = checker.run(page).response
        faults = [
            (f["id"], [n["html"] for n in f["nodes"]]) for f in found["violations"]
        ]
        assert not faults, faults

    check()
    give(page, b"hello")
    page.wait_for_selector("#problem strong")
    check()
    give(page, web_app.encoded(np.hstack([web_app.photo()] * 2)))
    wait_for_result(page)
    page.click("[data-change='10']")
    wait_for_result(page)
    check()
    page.click("#another")
    page.click("#use-camera")
    page.wait_for_selector("#take:enabled")
    check()
