import html
import re

import numpy as np
import pytest

from ipcgan import report
from ipcgan.report.tables import markdown_table, notes_list, plain


def test_a_contact_sheet_shows_every_face_in_its_place():
    red, blue = (
        np.full((8, 8, 3), colour, np.uint8) for colour in ((255, 0, 0), (0, 0, 255))
    )
    sheet = report.contact_sheet([[red, blue], [blue, red]], ["a", "b"])
    # 4 pixels of margin, 20 of label, cells of 12.
    np.testing.assert_array_equal(sheet[20:28, 4:12], red)
    np.testing.assert_array_equal(sheet[20:28, 16:24], blue)
    np.testing.assert_array_equal(sheet[32:40, 4:12], blue)
    np.testing.assert_array_equal(sheet[32:40, 16:24], red)


def test_blocks_stand_side_by_side():
    face = np.zeros((8, 8, 3), np.uint8)
    tall = report.contact_sheet([[face]] * 4, ["a"])
    wide = report.contact_sheet([[face]] * 4, ["a"], blocks=2)
    assert tall.shape[0] == 20 + 4 * 12
    assert wide.shape[0] == 20 + 2 * 12
    assert wide.shape[1] == 2 * tall.shape[1]


@pytest.mark.parametrize("rows", [[], [[np.zeros((8, 8, 3), np.uint8)]]])
def test_rows_must_fit_the_columns(rows):
    with pytest.raises(ValueError, match="must have 2 faces"):
        report.contact_sheet(rows, ["a", "b"])


def test_markdown_table():
    table = report.markdown_table(["group", "n"], [["51+", "100"]])
    assert table == "| group | n   |\n|-------|-----|\n| 51+   | 100 |"


NASTY = [
    "<img src=https://a.example/x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![](https://a.example/pixel)",
    "a | b",
    "line\n\n# heading",
    "\x1b[31mred\x07",
    "\udcff\u202e",
    "&lt;b&gt;",
]


@pytest.mark.parametrize("name", NASTY)
def test_names_are_text_in_markdown_and_html(name):
    markdown = f"{notes_list([name])}\n\n{markdown_table(['target'], [[name]])}"
    item, _, header, dashes, cells = markdown.split("\n")  # No line more.
    assert set(dashes) == {"|", "-"} and cells.count("|") == header.count("|") == 2
    assert markdown.isprintable() or set(markdown) - {"\n"} == {
        c for c in markdown if c.isprintable()
    }
    assert not re.search(r"<\w|\]\(", markdown)
    page = report.from_markdown(markdown)
    page.encode()  # There is nothing that UTF-8 has not.
    assert not re.search(r"<(?!/?(ul|li|div|table|tr|th|td)\b)", page)
    # It is read as it was given, but for what cannot be printed.
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in name)
    assert html.unescape(page).count(shown) == 2


def test_ordinary_names_are_as_they_were():
    text = "a_b*c IMG[1] (2).jpg < 3 & 4 > 2, 95 %"
    assert plain(text) == text
