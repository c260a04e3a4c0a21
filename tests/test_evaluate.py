"""From flags to report, with drawn faces and judges that measure brightness."""

import json
import pathlib
import shutil

import numpy as np
import pytest
from absl import app, flags
from helpers import brightness_judges, one_step
from test_programs import load

from ipcgan import checkpoints, config
from ipcgan.age_groups import AGE_CGAN, FFHQ_AGING
from ipcgan.data import images
from ipcgan.data.records import DataError
from ipcgan.evaluation.scores import best
from ipcgan.photos import MissingWeightsError
from ipcgan.runs import score_files
from ipcgan.runs.evaluate import evaluate, scores

SAMPLES = pathlib.Path(__file__).parents[1] / "images" / "test"


@pytest.fixture(autouse=True)
def no_networks(monkeypatch, tmp_path):
    """Judges measure brightness, and quality is the mean colour."""
    monkeypatch.chdir(tmp_path)
    brightness_judges.install(monkeypatch)


@pytest.fixture
def checkpoint_dir(tmp_path):
    """A training run's folder with two checkpoints of tiny networks."""
    networks = one_step.ipcgan_networks()
    settings = {"family": "ipcgan", "sizes": one_step.TINY_SIZES}
    for step in (1, 2):
        checkpoints.save(
            tmp_path / "run",
            {"generator": networks["generator"]},
            {},
            {"step": step},
            config=settings,
            max_to_keep=2,
        )
    return tmp_path / "run"


def settings(tmp_path, **others):
    values = {"report_dir": str(tmp_path / "report"), "num_faces": 0, **others}
    return config.EvaluateConfig(**values)


def read_report(tmp_path):
    return json.loads((tmp_path / "report" / "report.json").read_text())


@pytest.fixture
def aged_dir(tmp_path):
    """Three people, grey; each aged by getting darker, one file broken."""
    folder = tmp_path / "aged"
    folder.mkdir()
    for person in range(3):
        face = np.full((16, 16, 3), 200 - 10 * person, np.uint8)
        images.write_image(folder / f"{person}.png", face)
        for group in range(5):
            darker = face - 20 * group
            darker[0, 0] = face[0, 0]
            images.write_image(folder / f"{person}.png_{group}.png", darker)
    (folder / "2.png_0.png").write_bytes(b"broken")
    return folder


def test_faces_that_were_aged_before_are_reported(tmp_path, aged_dir):
    result = evaluate.evaluate(settings(tmp_path, aged_dir=str(aged_dir)))
    assert len(result.left_out) == 1
    assert "2.png_0.png" in result.left_out[0]
    report = read_report(tmp_path)
    youngest, oldest = report["targets"]["11-20"], report["targets"]["51+"]
    assert youngest["all"]["people"] == 2
    assert youngest["all"]["same_usual/Corner"][0] == 1.0
    # 80 levels darker are 20 years, but for the one pixel that stays.
    for judge in ("Bright", "Older"):
        figure = f"judged_age/{judge}"
        rise = oldest["all"][figure][0] - oldest["copy"][figure][0]
        assert rise == pytest.approx(20, abs=0.1)
        assert report["summary"][f"never_steps_back/{judge}"][0] == 1.0
        # No real faces to compare with.
        assert oldest["all"][f"age_bias/{judge}"] == [None] * 3
    assert "2.png_0.png" in (tmp_path / "report" / "report.md").read_text()
    page = (tmp_path / "report" / "report.html").read_text()
    # The picture under the summary, and two strips of faces.
    assert page.count("data:image/jpeg;base64,") == 3
    # The grid of small plots, and age against identity by both age judges.
    assert page.count("<svg") == 3
    assert 'name="viewport"' in page
    assert page.index("In short") < page.index("<img") < page.index("<table")
    assert 'src="http' not in page
    assert not list((tmp_path / "report").glob(".*"))


def test_a_csv_gives_the_same_as_the_folder(tmp_path, aged_dir):
    (aged_dir / "2.png_0.png").unlink()
    lines = [
        f"{path.name[:5]},{path.name},{path.name[6]}"
        for path in sorted(aged_dir.glob("*.png_*.png"))
    ]
    table = aged_dir / "pairs.csv"
    table.write_text("source,aged,target_group\n" + "\n".join(lines) + "\n")
    evaluate.evaluate(settings(tmp_path, csv_file=str(table)))
    from_csv = read_report(tmp_path)["targets"]
    table.unlink()
    evaluate.evaluate(settings(tmp_path, aged_dir=str(aged_dir)))
    assert read_report(tmp_path)["targets"] == from_csv


def test_labels_in_names_count_in_a_csv_as_in_a_folder(tmp_path, face_folder):
    """The source's own group decides what is one group away: both ways must know it."""
    faces = sorted(face_folder.iterdir())
    aged = tmp_path / "aged"
    aged.mkdir()
    lines = ["source,aged,target_group"]
    for path in faces:
        for group in range(5):
            face = images.read_image(path) // (group + 1) + 1
            images.write_image(aged / f"{path.name}_{group}.png", face)
            lines.append(f"{path},aged/{path.name}_{group}.png,{group}")
    table = tmp_path / "pairs.csv"
    table.write_text("\n".join(lines) + "\n")
    evaluate.evaluate(settings(tmp_path, csv_file=str(table)))
    from_csv = read_report(tmp_path)
    evaluate.evaluate(
        settings(tmp_path, source_dir=str(face_folder), aged_dir=str(aged))
    )
    from_folder = read_report(tmp_path)
    assert from_csv["summary"] == from_folder["summary"]
    assert from_csv["targets"] == from_folder["targets"]


def test_a_network_ages_a_folder(tmp_path, checkpoint_dir, face_folder):
    evaluate.evaluate(
        settings(
            tmp_path,
            source_dir=str(face_folder),
            checkpoint_dir=str(checkpoint_dir),
            real_dir=str(face_folder),
            impostor_dir=str(face_folder),
        )
    )
    report = read_report(tmp_path)
    assert report["people"] == 20
    assert report["targets"]["21-30"]["younger"]["people"] == 4
    assert report["targets"]["21-30"]["older"]["people"] == 12
    assert report["thresholds"]["Corner"]["num_pairs"] == 190


def test_latent_vectors_are_judged_beside_their_faces(age_cgan_folder, tmp_path):
    from ipcgan.data import synthetic

    faces = tmp_path / "six"
    synthetic.write_utkface_folder(faces, 2, size=16, groups=AGE_CGAN)
    result = evaluate.evaluate(
        settings(
            tmp_path,
            source_dir=str(faces),
            checkpoint_dir=age_cgan_folder,
            inversion=config.InversionConfig(method="pixelwise", steps=3),
        )
    )
    report = read_report(tmp_path)
    assert list(report["targets"]) == list(AGE_CGAN.names)
    assert report["targets"]["0-18"]["real"]["people"] == 2
    z0, pixelwise = report["again"]["none"], report["again"]["pixelwise"]
    assert pixelwise["pixel_error"][0] < z0["pixel_error"][0]
    assert 0.0 <= z0["same_usual/Corner"][0] <= 1.0
    assert "| z0, the encoder's guess |" in result.text
    assert "12 known from file names, 0 predicted" in result.text
    assert "from 19-29 to 60+" in result.text


def test_ten_groups_are_judged(tmp_path):
    from ipcgan.data import synthetic

    faces = tmp_path / "ten"
    synthetic.write_utkface_folder(faces, 2, size=16, groups=FFHQ_AGING)
    generator = one_step.ragan_networks(num_groups=10)["generator"]
    checkpoints.save_weights(generator, tmp_path, "generator")
    sizes = {**one_step.TINY_RAGAN_SIZES, "num_groups": 10}
    values = {"family": "ragan", "sizes": sizes, "groups": list(FFHQ_AGING.names)}
    checkpoints.write_json(tmp_path / "config.json", values)
    result = evaluate.evaluate(
        settings(tmp_path, source_dir=str(faces), checkpoint_dir=str(tmp_path))
    )
    report = read_report(tmp_path)
    assert report["targets"].keys() == set(FFHQ_AGING.names)
    assert report["targets"]["0-2"]["real"]["people"] == 2
    assert report["again"] == {}
    assert "from 20-29 to 70+" in result.text


def test_a_copy_has_a_kid_ratio_of_1_and_does_not_age(tmp_path, face_folder):
    """Known answers: untouched faces are as far from real faces as their copies."""
    aged = tmp_path / "copies"
    aged.mkdir()
    for path in face_folder.iterdir():
        for group in range(5):
            target = aged / f"{path.name}_{group}.png"
            images.write_image(target, images.read_image(path))
    evaluate.evaluate(
        settings(tmp_path, source_dir=str(face_folder), aged_dir=str(aged))
    )
    report = read_report(tmp_path)
    for target in report["targets"].values():
        assert target["all"] == target["copy"]
    assert report["summary"]["rise/Bright"][0] == 0.0
    assert report["frontier"]["points"][0]["distance/Corner"][0] == 0.0


def test_a_painted_over_face_is_not_found_and_not_the_same_person(tmp_path, aged_dir):
    (aged_dir / "2.png_0.png").unlink()
    nothing = np.zeros((16, 16, 3), np.uint8)
    images.write_image(aged_dir / "0.png_4.png", nothing)
    evaluate.evaluate(settings(tmp_path, aged_dir=str(aged_dir)))
    report = read_report(tmp_path)
    oldest = report["targets"]["51+"]["all"]
    assert oldest["face_found"][0] == pytest.approx(2 / 3)
    assert oldest["same_usual/Corner"][0] == pytest.approx(2 / 3)
    assert oldest["gender_kept/Bright"][0] == pytest.approx(2 / 3)
    assert report["summary"]["face_found"][0] == pytest.approx((1 + 1 + 0.8) / 3)
    assert report["found_in_sources"] == 1.0


def test_one_person_has_no_strangers(tmp_path, aged_dir):
    for path in aged_dir.glob("[12]*"):
        path.unlink()
    text = evaluate.evaluate(settings(tmp_path, aged_dir=str(aged_dir))).text
    assert "too few for the stricter threshold" in text
    assert "1 people are too few for verdicts" in text
    assert "nan" not in text


def test_sources_without_a_face_are_counted(tmp_path, aged_dir):
    images.write_image(aged_dir / "1.png", np.zeros((16, 16, 3), np.uint8))
    evaluate.evaluate(settings(tmp_path, aged_dir=str(aged_dir)))
    report = read_report(tmp_path)
    assert report["people"] == 2
    assert any("No face was found" in n and "1.png" in n for n in report["notes"])


def test_a_missing_recogniser_leaves_the_others(tmp_path, aged_dir):
    asked = settings(
        tmp_path, aged_dir=str(aged_dir), recognisers=("Missing", "Corner")
    )
    result = evaluate.evaluate(asked)
    assert "Missing: put missing.h5 at /somewhere" in result.left_out
    assert "Corner" in result.text


def test_nothing_is_written_without_a_recogniser(tmp_path, aged_dir):
    asked = settings(tmp_path, aged_dir=str(aged_dir), recognisers=("Missing",))
    with pytest.raises(MissingWeightsError, match="missing.h5"):
        evaluate.evaluate(asked)
    assert not list((tmp_path / "report").iterdir())


def test_it_must_be_clear_which_faces(tmp_path):
    with pytest.raises(config.ConfigError, match="Expected one of --root_folder"):
        evaluate.evaluate(settings(tmp_path, csv_file="a.csv", aged_dir="b"))


def test_no_readable_source_is_an_error(tmp_path, aged_dir):
    for person in range(3):
        (aged_dir / f"{person}.png").write_bytes(b"broken")
    with pytest.raises(DataError, match="None of the sources can be read"):
        evaluate.evaluate(settings(tmp_path, aged_dir=str(aged_dir)))


def split_settings(tmp_path, folder, **others):
    return settings(
        tmp_path,
        root_folder=str(folder),
        split="validation",
        num_faces=10,
        **others,
    )


@pytest.fixture
def data_set(tmp_path):
    """Enough drawn faces for a validation split with two people."""
    from ipcgan.data import synthetic

    synthetic.write_utkface_folder(tmp_path / "faces", faces_per_group=25, size=16)
    return tmp_path / "faces"


def test_every_checkpoint_is_scored_once_and_for_all(
    tmp_path, checkpoint_dir, data_set
):
    asked = split_settings(tmp_path, data_set, checkpoint_dir=str(checkpoint_dir))
    text = scores.score(asked)
    entries = score_files.read_scores(checkpoint_dir)
    assert [entry["step"] for entry in entries] == [1, 2]
    # Two people are too few for a score: no figure drops out of a sum.
    assert "No score, and so no choice" in text
    assert "of 30 faces" in text
    assert all(entry["score"] is None for entry in entries)
    assert (checkpoint_dir / "scores.svg").read_text().startswith("<svg")
    for _, path in checkpoints.complete(checkpoint_dir):
        shutil.rmtree(path)
    assert scores.score(asked) == text  # Scores outlive their checkpoints.
    assert score_files.read_scores(checkpoint_dir) == entries
    # So do those of a version that named a network which no score depends on.
    for entry in entries:
        entry["measured_on"]["features"] = "face AlexNet, mean of conv5"
    lines = "".join(f"{json.dumps(entry)}\n" for entry in entries)
    (checkpoint_dir / "scores.jsonl").write_text(lines)
    assert scores.score(asked) == text


def test_no_checkpoint_and_no_score_is_an_error(tmp_path, data_set):
    asked = split_settings(tmp_path, data_set, checkpoint_dir=str(tmp_path / "no"))
    with pytest.raises(checkpoints.CheckpointError, match="step-00001000"):
        scores.score(asked)


def test_a_broken_line_of_scores_is_named(tmp_path):
    (tmp_path / "scores.jsonl").write_text('{"step": 1}\n{"st\n')
    with pytest.raises(DataError, match=r"scores.jsonl:2"):
        score_files.read_scores(tmp_path)


def test_the_best_is_the_lowest_score_and_of_equals_the_latest():
    entries = [{"step": s, "score": v} for s, v in ((1, 2.0), (2, 1.0), (3, 1.0))]
    assert best(entries)["step"] == 3
    assert best([*entries, {"step": 4, "score": None}])["step"] == 3
    assert best([{"step": 4, "score": None}]) is None


def parse(*arguments):
    program = load("evaluate")
    values = flags.FlagValues()
    program.define_flags(values)
    values(["evaluate.py", *arguments])
    return program.evaluate_config(values)


def test_flags_become_config():
    asked = parse("--source_dir=a", "--recogniser=Dlib,ArcFace,Dlib")
    assert asked.recognisers == ("Dlib", "ArcFace")
    assert asked.num_faces == 0  # all of a folder.
    assert parse("--root_folder=a").num_faces == 200
    every = parse("--root_folder=a", "--every_checkpoint", "--split=test")
    assert (every.num_faces, every.split) == (200, "validation")
    assert asked.age_judges == ("Dlib", "HSE")
    assert parse("--photos=a", "--age_judge=HSE").age_judges == ("HSE",)
    with pytest.raises(app.UsageError, match="--photos"):
        parse("--photos=a", "--pairs=b")
