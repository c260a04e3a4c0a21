"""FFHQ-Aging in its real layout, small: folders of thousands, parsings, one CSV."""

import numpy as np
import pytest
from PIL import Image

from ipcgan.age_groups import CACD, FFHQ_AGING
from ipcgan.data import ffhq_aging, images, segmentation, sources
from ipcgan.data.records import DataError, Record

HEADER = ",".join(ffhq_aging.COLUMNS)
GOOD = "{},20-29,0.9,female,0.95,-5.1,2.0,10.3,0.1,3.5,None"


@pytest.fixture
def make(tmp_path):
    """Writes faces, and lines of labels; returns the folder above the images."""

    def write(lines, faces=(), maps=(), name="ffhq_aging256x256"):
        root = tmp_path / "FFHQ-Aging-Dataset"
        for number in faces:
            folder = root / name / f"{number // 1000 * 1000:05d}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{number:05d}.png").touch()
            if number in maps:
                (folder / "parsings").mkdir(exist_ok=True)
                (folder / "parsings" / f"{number:05d}.png").touch()
        root.mkdir(exist_ok=True)
        (root / ffhq_aging.LABELS).write_text("\n".join([HEADER, *lines]) + "\n")
        return root

    return write


def numbers(records):
    return [int(record.path.stem) for record in records]


def test_labels_and_maps_of_faces_that_are_there(make):
    lines = [
        GOOD.format(7),
        "69001,70-120,1,male,1,0,0,0,0,0,Normal",
        GOOD.format(8),  # no such image
    ]
    root = make(lines, faces=[7, 69001], maps=[7])
    inside = root / "ffhq_aging256x256"
    expected = [
        Record(
            inside / "00000/00007.png",
            group=5,
            gender="female",
            segmentation=inside / "00000/parsings/00007.png",
        ),
        Record(inside / "69000/69001.png", group=9, gender="male"),
    ]
    assert ffhq_aging.read_records(root, FFHQ_AGING) == expected
    # The folder of images does as well, and one file alone tells the same.
    assert ffhq_aging.read_records(inside, FFHQ_AGING) == expected
    told = sources.read_name("ffhq_aging", expected[0].path, root, FFHQ_AGING)
    assert told == expected[0]
    assert sources.read_name("ffhq_aging", inside / "a.png", root, FFHQ_AGING) is None


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("0,20-29,0.61,male,0.67,29.9,80,39.9,49,89,Normal", True),
        ("0,20-29,0.6,male,0.9,0,0,0,0,0,None", False),
        ("0,20-29,0.9,male,0.66,0,0,0,0,0,None", False),
        ("0,20-29,0.9,male,0.9,-30,0,0,0,0,None", False),
        ("0,20-29,0.9,male,0.9,0,0,40,0,0,None", False),
        ("0,20-29,0.9,male,0.9,0,0,0,0,0,Dark", False),
        ("0,20-29,0.9,male,0.9,0,0,0,90,0,None", False),
        ("0,20-29,0.9,male,0.9,0,0,0,50,50,None", False),
        ("0,20-29,0.9,male,0.9,-1,-1,-1,-1,-1,-1", True),  # nothing was measured
    ],
)
def test_faces_are_pruned_as_by_lats(make, line, kept):
    root = make([line, GOOD.format(1)], faces=[0, 1])
    found = numbers(ffhq_aging.read_records(root, FFHQ_AGING))
    assert found == ([0, 1] if kept else [1])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("x,20-29,0.9,male,0.9,0,0,0,0,0,None", "image_number is 'x'.*whole number"),
        ("2,20+,0.9,male,0.9,0,0,0,0,0,None", "age_group is '20[+]'.*such as 20-29"),
        ("2,29-20,0.9,male,0.9,0,0,0,0,0,None", "age_group is '29-20'"),
        ("2,20-29,1.1,male,0.9,0,0,0,0,0,None", "age_group_confidence is '1.1'.*0 to"),
        ("2,20-29,0.9,man,0.9,0,0,0,0,0,None", "gender is 'man'.*male or female"),
        ("2,20-29,0.9,male,nan,0,0,0,0,0,None", "gender_confidence is 'nan'"),
        ("2,20-29,0.9,male,0.9,,0,0,0,0,None", "head_pitch is ''.*degrees"),
        ("2,20-29,0.9,male,0.9,0,0,181,0,0,None", "head_yaw is '181'"),
        ("2,20-29,0.9,male,0.9,0,0,0,101,0,None", "left_eye_occluded is '101'"),
        ("2,20-29,0.9,male,0.9,0,0,0,0,0,", "glasses is ''.*Normal"),
        ("2,20-29,0.9,male,0.9,0,0,0,0,0", "expected 11 columns, got 10"),
        (GOOD.format(1), "image_number 1 is there twice"),
    ],
)
def test_a_bad_line_is_named(make, line, reason):
    root = make([GOOD.format(1), "", line], faces=[1])
    with pytest.raises(DataError, match=f"{ffhq_aging.LABELS}:4: .*{reason}"):
        ffhq_aging.read_records(root, FFHQ_AGING)


def test_what_is_missing_is_named(make, tmp_path):
    root = make([GOOD.format(1)], faces=[2])
    with pytest.raises(DataError, match="none of the labelled images is there"):
        ffhq_aging.read_records(root, FFHQ_AGING)
    with pytest.raises(DataError, match="none of 1 images has labels .* sure enough"):
        ffhq_aging.read_records(make(["2,0-2,0.1,male,1,0,0,0,0,0,None"]), FFHQ_AGING)
    (root / ffhq_aging.LABELS).write_text("image_number,age_group\n")
    with pytest.raises(DataError, match=r":1: .*gender, .* is missing"):
        ffhq_aging.read_records(root, FFHQ_AGING)
    (root / ffhq_aging.LABELS).write_text(HEADER)
    with pytest.raises(DataError, match="no line after the header"):
        ffhq_aging.read_records(root, FFHQ_AGING)
    (root / "ffhq_aging128x128").mkdir()
    with pytest.raises(DataError, match="ffhq_aging128x128.* name one of them"):
        ffhq_aging.read_records(root, FFHQ_AGING)
    (root / ffhq_aging.LABELS).unlink()
    with pytest.raises(DataError, match=f"expected {ffhq_aging.LABELS} in it"):
        ffhq_aging.read_record(root / "00000.png", root, FFHQ_AGING)


def test_its_groups_must_fit_those_that_are_asked_for(make):
    root = make(["1,15-19,1,male,1,0,0,0,0,0,None"], faces=[1])
    (record,) = ffhq_aging.read_records(root, CACD)
    assert record.group == 0
    root = make(["1,10-14,1,male,1,0,0,0,0,0,None"])
    with pytest.raises(DataError, match=r":2: .*holds 10-14.*--age_groups=ffhq_aging"):
        ffhq_aging.read_records(root, CACD)


def test_a_map_is_a_mask_of_what_ages(tmp_path):
    # Background, skin, hair, hat, earring, necklace, neck, clothes.
    labels = np.array([0, 1, 13, 14, 15, 16, 17, 18], np.uint8)
    path = tmp_path / "map.png"
    Image.fromarray(np.repeat(labels[None], 8, axis=0)).save(path)
    mask = segmentation.read_mask(path, 8)
    np.testing.assert_array_equal(mask[3], [0, 255, 255, 0, 0, 0, 255, 0])
    assert segmentation.read_mask(path, 4).tolist()[0] == [128, 128, 0, 128]


def test_a_map_of_something_else_is_refused(tmp_path):
    path = tmp_path / "map.png"
    Image.fromarray(np.full((4, 4), 19, np.uint8)).save(path)
    with pytest.raises(DataError, match="map.png: .*0 to 18, got 19"):
        segmentation.read_mask(path, 4)
    images.write_image(path, np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(DataError, match="map.png: .*one channel.*RGB"):
        segmentation.read_mask(path, 4)
    path.write_bytes(b"")
    with pytest.raises(DataError, match="map.png: cannot be read"):
        segmentation.read_mask(path, 4)
