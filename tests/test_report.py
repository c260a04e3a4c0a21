import numpy as np
import pytest

from ipcgan import report


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
