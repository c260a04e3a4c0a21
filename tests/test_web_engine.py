"""The page's engine in a browser does what Python does, module by module."""

import base64

import cv2
import numpy as np
import pytest
from helpers import browser
from test_photos import FINDER, read_photo

from ipcgan.data import colourless, images, marks
from ipcgan.inference import mixing
from ipcgan.photos import DLIB_TEMPLATE, alignment, dlib_landmarks, pasting, pyramid
from ipcgan.web import static_files
from ipcgan.web.site import host, landmark_file

SIZE = 64  # of crops, in pixels.
_ARRAYS = """() => {
  const types = { uint8: Uint8Array, float32: Float32Array };
  window.load = (name) => import(`./engine/${name}.js`);
  window.picture = ([text, [height, width], type]) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return { width, height, pixels: new types[type](bytes.buffer) };
  };
  window.array = ({ width, height, pixels }) => {
    const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
    const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    const type = pixels instanceof Float32Array ? "float32" : "uint8";
    return [btoa(text), [height, width], type];
  };
}"""


def sent(pixels):
    """Returns an array as `picture` in the page takes it."""
    content = np.ascontiguousarray(pixels)
    text = base64.b64encode(content.tobytes()).decode()
    return [text, content.shape[:2], str(content.dtype)]


def received(value):
    """Returns what `array` in the page made of a picture."""
    text, (height, width), kind = value
    return np.frombuffer(base64.b64decode(text), kind).reshape(height, width, 3)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    """A page that can import the engine's modules, and the landmarks beside them."""
    folder = tmp_path_factory.mktemp("engine")
    (folder / "engine").symlink_to(static_files.FOLDER / "engine")
    (folder / "landmarks.bin").write_bytes(landmark_file.convert(dlib_landmarks()))
    (folder / "index.html").write_text("<!doctype html><link rel=icon href=data:>")
    with host.serving(folder) as server, browser.started() as chromium:
        with browser.new_page(chromium) as page:
            page.goto(server.address)
            page.evaluate(_ARRAYS)
            yield page


@pytest.fixture(scope="module")
def photo():
    """A face, and enough around it; read only."""
    small = images.shrink(read_photo(), 240)
    small.flags.writeable = False
    return small


@pytest.mark.parametrize("size", [(94, 120), (47, 60), (61, 100), (188, 1)])
def test_reducing(size, engine, photo):
    made = engine.evaluate(
        "async ([p, w, h]) => array((await load('resize')).reduce(picture(p), w, h))",
        [sent(photo[:, :188]), *size],
    )
    expected = cv2.resize(photo[:, :188], size, interpolation=cv2.INTER_AREA)
    # OpenCV rounds a sum of float32, whose order is its own.
    assert np.abs(received(made).astype(int) - expected).max() <= 1


@pytest.mark.parametrize(
    ("middle", "side", "angle"),
    [((90, 80), 150, 0), ((90, 80), 130, 45), ((5, 8), 60, -90), ((120, 90), 600, 200)],
)
def test_squares_of_a_pyramid(middle, side, angle, engine, photo):
    made, transform = engine.evaluate(
        """async ([p, middle, side, angle, size]) => {
          const { Pyramid } = await load("pyramid");
          const made = new Pyramid(picture(p)).square(middle, side, angle, size);
          return [array(made.square), made.transform];
        }""",
        [sent(photo), middle, side, angle, SIZE],
    )
    square, expected = pyramid.Pyramid(photo).square(
        np.array(middle), side, angle, SIZE
    )
    np.testing.assert_allclose(transform, expected.ravel(), atol=1e-9)
    assert np.abs(received(made).astype(int) - square).max() <= 1


def test_landmarks_are_dlibs(engine, photo):
    import dlib

    square, _ = pyramid.Pyramid(photo).square(np.array((98, 80)), 240, 0, 300)
    box = {"left": 75, "top": 75, "right": 225, "bottom": 225}
    found = engine.evaluate(
        """async ([p, box]) => {
          const { Landmarks } = await load("landmarks");
          const file = await (await fetch("landmarks.bin")).arrayBuffer();
          return new Landmarks(file).find(picture(p), box);
        }""",
        [sent(square), box],
    )
    shape = FINDER._landmarks(square, dlib.rectangle(75, 75, 225, 225))
    expected = np.array([(point.x, point.y) for point in shape.parts()])
    # What the leaves add is rounded, which may move a landmark a little.
    assert np.abs(np.array(found) - expected).sum() <= 1


def test_cutting_out(engine, photo):
    points = FINDER(photo)[0].points
    for size in (SIZE, 200):  # Smaller than the face is, and larger.
        transform = alignment.to_crop(points, DLIB_TEMPLATE, size)
        made, found = engine.evaluate(
            """async ([p, points, template, size]) => {
              const { toCrop } = await load("geometry");
              const { cut } = await load("alignment");
              const transform = toCrop(points, template, size);
              return [array(cut(picture(p), transform, size)), transform];
            }""",
            [sent(photo), points.tolist(), DLIB_TEMPLATE.tolist(), size],
        )
        np.testing.assert_allclose(found, transform.ravel(), atol=1e-9)
        difference = received(made).astype(int) - alignment.cut(photo, transform, size)
        # OpenCV 4 rounds places of cubic interpolation to 32nds of a pixel.
        assert np.abs(difference).mean() < 0.3


@pytest.mark.parametrize("is_grey", [False, True])
def test_what_was_made_of_a_face_without_colour(is_grey, engine, photo):
    seen = np.repeat(photo[..., 1:2], 3, axis=-1) if is_grey else photo
    made = cv2.GaussianBlur(255 - seen // 2, (0, 0), 2) // np.uint8([1, 2, 3])
    found = engine.evaluate(
        """async ([face, made]) => {
          const { kept } = await load("colourless");
          return array(kept(picture(face), picture(made)));
        }""",
        [sent(seen), sent(made)],
    )
    expected = colourless.kept(seen, made[None])[0]
    # Sums of floats may be rounded otherwise.
    assert np.abs(received(found).astype(int) - expected).max() <= 1
    assert (np.ptp(expected, axis=-1).max() == 0) == is_grey


def test_a_change_and_its_place(engine, photo):
    transform = alignment.to_crop(FINDER(photo)[0].points, DLIB_TEMPLATE, SIZE)
    seen = alignment.cut(photo, transform, SIZE)
    aged = cv2.GaussianBlur(255 - seen // 2, (0, 0), 2) // np.uint8([1, 2, 3])
    mask = pasting.face_mask(DLIB_TEMPLATE, SIZE)
    change = pasting.change_of(seen, aged, mask)
    pasted = photo.copy()
    pasting.paste(pasted, change, transform, mask.margin)
    large = np.kron(photo, np.ones((3, 3, 1), np.uint8))
    enlarging = transform / (3, 3, 1)
    pasted_large = large.copy()
    pasting.paste(pasted_large, change, enlarging, mask.margin)
    made = engine.evaluate(
        """async ([seen, aged, template, size, photos]) => {
          const { changeOf, faceMask, paste } = await load("pasting");
          const mask = faceMask(template, size);
          const change = changeOf(picture(seen), picture(aged), mask);
          const made = photos.map(([p, transform]) => {
            const photo = picture(p);
            paste(photo, change, transform, mask.margin);
            return array(photo);
          });
          return [array(change), ...made];
        }""",
        [
            sent(seen),
            sent(aged),
            DLIB_TEMPLATE.tolist(),
            SIZE,
            [
                [sent(photo), transform.ravel().tolist()],
                [sent(large), enlarging.ravel().tolist()],
            ],
        ],
    )
    np.testing.assert_allclose(received(made[0]), change, atol=0.01)
    for value, expected in ((made[1], pasted), (made[2], pasted_large)):
        difference = np.abs(received(value).astype(int) - expected)
        assert difference.mean() < 0.01
        assert difference.max() <= 4  # Where OpenCV 4 rounds places.


@pytest.mark.parametrize("years", [0, 11, 20, 33, 50, 80, 100])
def test_mixtures_of_groups(years, engine):
    scale = mixing.YearScale((15.5, 25.5, 35.5, 45.5, 60.0))
    random = np.random.default_rng(years)
    faces = random.integers(0, 256, (1, 5, 4, 4, 3), dtype=np.uint8)
    target = scale.target(years)
    shares, made = engine.evaluate(
        """async ([faces, groupYears, years]) => {
          const { mix, sharesOf } = await load("mixing");
          const shares = sharesOf(groupYears, years);
          const at = new Map(faces.map((face, group) => [group, picture(face)]));
          return [shares, array(mix(at, shares))];
        }""",
        [[sent(face) for face in faces[0]], scale.group_years, years],
    )
    assert [tuple(share) for share in shares] == list(target.shares)
    expected = mixing.mix(faces, range(5), [target])[0, 0]
    np.testing.assert_array_equal(received(made), expected)


def test_the_mark_is_pythons(engine):
    packet = engine.evaluate("async () => (await load('marks')).PACKET")
    assert packet.encode() == marks.packet(marks.COMPOSITE)
