"""Content Credentials; these tests need the extra `c2pa` (c2pa-python)."""

import json
import sys

import numpy as np
import pytest
from helpers.age_folder import age, read_report, written
from PIL import Image
from test_marks import COMPOSITE, types, xmp_of

from ipcgan.config import AgeConfig, ConfigError
from ipcgan.data import images, marks, picture_files
from ipcgan.data.content_credentials import Credentials
from ipcgan.runs.age.checks import mark_of

needs_c2pa = pytest.mark.skipif(
    "not __import__('importlib.util').util.find_spec('c2pa')",
    reason="needs the extra c2pa: pip install c2pa-python",
)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    from helpers import certificates

    return certificates.write(tmp_path_factory.mktemp("certificate"))


def manifest_of(path):
    """The manifest of a file, and whether its signature and its bytes are right."""
    import c2pa

    mime = {"jpg": "jpeg", "tif": "tiff"}.get(path.suffix[1:], path.suffix[1:])
    with path.open("rb") as file:
        found = json.loads(c2pa.Reader(f"image/{mime}", file).json())
    status = [s["code"] for s in found.get("validation_status", [])]
    # Nobody trusts an authority that a test made.
    right = set(status) <= {"signingCredential.untrusted"}
    return found["manifests"][found["active_manifest"]], right


def actions_of(manifest):
    (assertion,) = (a for a in manifest["assertions"] if "actions" in a["label"])
    return assertion["data"]["actions"]


@needs_c2pa
@pytest.mark.usefixtures("one_finder")
def test_what_is_aged_is_signed(files, checkpoint, photo_folder, tmp_path):
    out, (certificate, key) = tmp_path / "out", files
    Image.open(photo_folder / "grace.png").save(photo_folder / "grace.jpg")
    asked = {"c2pa_certificate": str(certificate), "c2pa_key": str(key)}
    age(checkpoint, photo_folder, out, groups=(1, 4), animate=True, **asked)
    assert read_report(out)["mark"]["signed"] is True
    as_they_were = {"crop.png", "crops/grace.png", "crops/grace.jpg"}
    for name in written(out) - {"report.json"} - as_they_were:
        manifest, right = manifest_of(out / name)
        assert right, name
        *opened, made = actions_of(manifest)
        assert made["digitalSourceType"] == COMPOSITE
        assert types(xmp_of(out / name)) == [COMPOSITE]  # Still there.
        alone = name.startswith(("crops/", "contact_sheet"))
        assert (
            [action["action"] for action in opened] == [] if alone else ["c2pa.opened"]
        )
        for ingredient in manifest.get("ingredients", []):
            assert ingredient["relationship"] == "parentOf"
            assert "thumbnail" not in ingredient  # It would show the face as it was.


@needs_c2pa
def test_a_changed_file_is_found_out(files, tmp_path):
    mark = marks.Mark(COMPOSITE, Credentials(*files))
    path = tmp_path / "a.jpg"
    images.write_image(path, np.full((32, 32, 3), 90, np.uint8), mark)
    assert manifest_of(path)[1]
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    assert not manifest_of(path)[1]


@needs_c2pa
def test_credentials_of_the_input_stay_below(files, tmp_path):
    mark = marks.Mark(marks.GENERATED, Credentials(*files))
    images.write_image(tmp_path / "a.png", np.full((9, 9, 3), 90, np.uint8), mark)
    picture = picture_files.read_picture(tmp_path / "a.png")
    picture_files.write_picture(tmp_path / "b.png", picture, picture.pixels, mark)
    manifest, right = manifest_of(tmp_path / "b.png")
    assert right
    (ingredient,) = manifest["ingredients"]
    assert ingredient["title"] == "a.png" and ingredient["active_manifest"]


@needs_c2pa
@pytest.mark.parametrize("kind", ["P-384", "RSA", "Ed25519"])
def test_other_keys_sign(tmp_path, kind):
    from helpers import certificates

    mark = marks.Mark(COMPOSITE, Credentials(*certificates.write(tmp_path, kind)))
    images.write_image(tmp_path / "a.jpg", np.zeros((9, 9, 3), np.uint8), mark)
    assert manifest_of(tmp_path / "a.jpg")[1]


@needs_c2pa
def test_what_cannot_sign_is_named_before_anything_is_aged(files, tmp_path):
    certificate, key = files
    with pytest.raises(ConfigError, match="nowhere.pem: cannot be read"):
        Credentials(tmp_path / "nowhere.pem", key)
    with pytest.raises(ConfigError, match="--c2pa_key=.*no private key"):
        Credentials(certificate, certificate)
    with pytest.raises(ConfigError, match="--c2pa_certificate=.*no certificate"):
        Credentials(key, key)
    from helpers import certificates

    (tmp_path / "other").mkdir()
    _, other = certificates.write(tmp_path / "other")
    with pytest.raises(ConfigError, match="not the key of the first certificate"):
        Credentials(certificate, other)
    # A certificate that may sign other certificates, but no pictures.
    root = tmp_path / "root.pem"
    root.write_bytes(certificates.authority(tmp_path))
    with pytest.raises(ConfigError, match="cannot sign"):
        Credentials(root, tmp_path / "authority_key.pem")


def test_both_files_or_neither():
    with pytest.raises(ConfigError, match="expected both, or neither"):
        mark_of(AgeConfig("", "", "", c2pa_certificate="c.pem"))
    with pytest.raises(ConfigError, match="expected both, or neither"):
        mark_of(AgeConfig("", "", "", c2pa_key="k.pem"))
    assert mark_of(AgeConfig("", "", "")) is marks.AGED


def test_without_the_extra_one_line_names_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "c2pa", None)
    for name in ("c.pem", "k.pem"):
        (tmp_path / name).write_text("x")
    with pytest.raises(ConfigError, match="c2pa-python .the extra `c2pa`."):
        Credentials(tmp_path / "c.pem", tmp_path / "k.pem")
