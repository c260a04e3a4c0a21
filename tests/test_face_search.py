"""The benchmark of the search for faces, on small scenes."""

import re

import numpy as np
import pytest
from test_photos import FINDER

from ipcgan.photos import Face
from ipcgan.runs.benchmark import face_search


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(face_search, "_ONE_MEGAPIXEL", (450, 600))
    monkeypatch.setattr(face_search, "_LARGE", (500, 800))
    monkeypatch.setattr(face_search, "_GRID", (1, 2))
    monkeypatch.setattr(face_search, "_ANGLES", (0, 90))
    monkeypatch.setattr(face_search, "_WIDTHS", (60,))
    monkeypatch.setattr(face_search, "_ROUNDS", 1)


def measure(monkeypatch, finder):
    monkeypatch.setattr(face_search, "FaceFinder", lambda: finder)
    return "\n".join(face_search.search_measured("", 1))


def test_faces_are_found_at_every_angle_and_size(monkeypatch):
    text = measure(monkeypatch, FINDER)
    shares = re.findall(r"^(.*): ([\d.]+) % of (\d+)$", text, re.MULTILINE)
    assert shares == [
        ("at 0 degrees", "100.0", "1"),
        ("at 90 degrees", "100.0", "1"),
        ("at 90 degrees, beside an upright one", "100.0", "2"),
        ("upright in 24 megapixels", "100.0", "1"),
        ("60 pixels wide in 24 megapixels", "100.0", "2"),
    ]
    assert "found where none is: 0 in 5 pictures" in text
    assert re.search(r"1 megapixel: [\d.]+ s of processor time a photograph", text)


def test_a_face_of_another_place_or_angle_is_found_where_none_is(monkeypatch):
    # An upright face in the middle: right alone, but not for a head on its side.
    points = np.array([(330, 215), (315, 216), (270, 215), (285, 216), (300, 245)])
    face = Face((250, 180, 350, 280), points.astype(float))
    text = measure(monkeypatch, lambda photo: [face])
    assert "at 0 degrees: 100.0 % of 1" in text
    assert "at 90 degrees: 0.0 % of 1" in text
    assert "found where none is: 4 in 5 pictures" in text
