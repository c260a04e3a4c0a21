"""Pretraining of the face AlexNet on drawn faces, a few steps."""

import dataclasses

import numpy as np
import pytest

from ipcgan import config, face_networks, losses
from ipcgan.checkpoints import CheckpointError
from ipcgan.data import images, synthetic
from ipcgan.data.records import DataError
from ipcgan.runs.train import pretrain

pytestmark = pytest.mark.usefixtures("eagerly")


def settings(folder, run, **changes):
    return config.PretrainConfig(
        data=config.DataConfig(
            dataset=changes.pop("dataset", "utkface"), root_folder=str(folder)
        ),
        run=config.RunConfig(
            checkpoint_dir=str(run), max_steps=1, batch_size=4, save_interval=1
        ),
        image_size=32,
        fully_connected=4,
        **changes,
    )


def test_identity_and_age_are_learnt_from_names(tmp_path):
    random = np.random.default_rng(0)
    faces = tmp_path / "cacd"
    faces.mkdir()
    for number, age in enumerate((15, 25, 35, 45, 55)):
        for person in ("Ann_Lee", "Bo_Ek"):
            face = synthetic.draw_face(number, random, 32)
            images.write_image(faces / f"{age}_{person}_{number:04d}.jpg", face)
    run = tmp_path / "run"
    measured = pretrain.pretrain(
        settings(faces, run, dataset="cacd", tasks=("age", "identity"))
    )
    assert measured["faces"] == 10
    alexnet, sizes = face_networks.read(run / "final", image_size=32)
    assert (sizes.num_people, sizes.descriptor_size) == (2, 0)

    # What the stored scale is for: the published weight makes two strangers'
    # identity term as large as the age term of a copy.
    outputs = alexnet(
        np.stack(
            [
                images.to_unit_range(images.read_image(path))
                for path in sorted(faces.iterdir())
            ]
        )
    )
    conv5 = outputs["conv5"].numpy()
    pairs = [
        float(losses.feature_distance(conv5[i : i + 1], conv5[j : j + 1]))
        for i in range(10)
        for j in range(i)
    ]
    # The scale was set on five pairs of these faces, this is the mean of all 45.
    assert 0.5 < 0.5e-4 * np.mean(pairs) / (30 * np.log(5)) < 2


def test_distillation_takes_descriptors_from_its_cache(face_folder, tmp_path):
    names = [path.name for path in sorted(face_folder.iterdir())]
    descriptors = np.ones((len(names), 128), "float32")
    cache = tmp_path / "cache" / "descriptors.npz"
    cache.parent.mkdir()
    np.savez(cache, names=np.array(names), descriptors=descriptors)
    run = tmp_path / "run"
    pretrain.pretrain(
        settings(
            face_folder, run, tasks=("distill",), descriptor_cache=str(cache.parent)
        )
    )
    alexnet, sizes = face_networks.read(run / "final", image_size=32)
    assert (sizes.num_people, sizes.descriptor_size) == (0, 128)

    # Resuming from it with a frozen trunk changes the age head only.
    again = tmp_path / "again"
    pretrain.pretrain(
        settings(
            face_folder,
            again,
            tasks=("age",),
            init_from=str(run / "final"),
            freeze_trunk=True,
        )
    )
    later, _ = face_networks.read(again / "final", image_size=32)
    for name, same in (("conv1", True), ("conv4_group1", True), ("age_fc6", False)):
        before = alexnet.get_layer(name).get_weights()[0]
        after = later.get_layer(name).get_weights()[0]
        assert np.array_equal(before, after) == same, name


def test_identity_without_names_is_an_error(face_folder, tmp_path):
    with pytest.raises(DataError, match="--task=distill"):
        pretrain.pretrain(settings(face_folder, tmp_path, tasks=("identity",)))


def test_years_are_learnt_under_attack_and_measured(face_folder, tmp_path):
    measured = pretrain.pretrain(
        settings(
            face_folder, tmp_path / "run", tasks=("age", "years"), attack_radius=1.0
        )
    )
    assert len(measured["age_years_by_group"]) == 5
    final = tmp_path / "run" / "final"
    assert face_networks.read_group_years(final) == measured["age_years_by_group"]
    # One small step from 40 years, and drawn faces of 11 to about 70.
    assert 5 < measured["years_error"] < 30
    with pytest.raises(CheckpointError, match="--task=years"):
        alexnet, sizes = face_networks.read(final, image_size=32)
        face_networks.write(alexnet, sizes, tmp_path / "other", {})
        face_networks.read_group_years(tmp_path / "other")


def test_years_need_ages(face_folder, tmp_path):
    names = sorted(path.name for path in face_folder.iterdir())
    list_file = tmp_path / "list.txt"
    list_file.write_text("".join(f"{name} {i // 4}\n" for i, name in enumerate(names)))
    asked = settings(face_folder, tmp_path / "run", tasks=("years",))
    asked = dataclasses.replace(
        asked, data=dataclasses.replace(asked.data, source_file=str(list_file))
    )
    with pytest.raises(DataError, match="--task=years"):
        pretrain.pretrain(asked)


def test_an_age_head_of_another_size_is_refused(tmp_path):
    from helpers import one_step

    alexnet, sizes = one_step.tiny_alexnet()
    face_networks.write(alexnet, sizes, tmp_path / "a", {})
    other = dataclasses.replace(sizes, fully_connected=5)
    from ipcgan.models import alexnet as alexnet_models

    face_networks.write(alexnet_models.build_alexnet(other), other, tmp_path / "b", {})
    with pytest.raises(CheckpointError, match="other sizes"):
        face_networks.read_frozen(str(tmp_path / "a"), str(tmp_path / "b"), 16)


def test_a_face_resnet_learns_gender_and_the_descriptors_of_aged_faces(
    face_folder, tmp_path
):
    aged = tmp_path / "aged"
    aged.mkdir()
    cache = tmp_path / "cache"
    cache.mkdir()
    for name, folder in (("descriptors", face_folder), ("aged_descriptors", aged)):
        if folder is aged:
            for number, file in enumerate(("a.png", "a.png_0.png", "a.png_4.png")):
                face = np.full((32, 32, 3), 80 * number, np.uint8)
                images.write_image(aged / file, face)
        names = np.array([path.name for path in sorted(folder.iterdir())])
        rows = np.zeros((len(names), 128), "float32")
        np.savez(cache / f"{name}.npz", names=names, descriptors=rows)
    measured = pretrain.pretrain(
        settings(
            face_folder,
            tmp_path / "run",
            network="face_resnet",
            tasks=("age", "distill", "gender", "years"),
            descriptor_cache=str(cache),
            aged_dir=str(aged),
            attack_radius=1.0,
        )
    )
    assert 0 <= measured["gender_exact"] <= 1
    final = tmp_path / "run" / "final"
    network, sizes = face_networks.read(final, image_size=32, kind="face_resnet")
    assert sizes.reads_gender
    assert set(network.output) == {
        "age_logits",
        "age_years",
        "gender_logits",
        "descriptor",
    }


def test_aged_faces_without_descriptors_to_learn_are_refused(face_folder, tmp_path):
    asked = settings(face_folder, tmp_path, tasks=("age",), aged_dir=str(face_folder))
    with pytest.raises(config.ConfigError, match="--task=distill"):
        pretrain.pretrain(asked)


def test_a_descriptor_cache_that_is_a_file_is_refused(face_folder, tmp_path):
    cache = tmp_path / "descriptors.npz"
    cache.write_bytes(b"")
    asked = settings(face_folder, tmp_path, descriptor_cache=str(cache))
    with pytest.raises(config.ConfigError, match="expected a folder"):
        pretrain.pretrain(asked)


def test_gender_needs_names_that_tell_it(tmp_path):
    faces = tmp_path / "21-30"
    faces.mkdir()
    images.write_image(faces / "a.png", np.zeros((32, 32, 3), np.uint8))
    asked = settings(tmp_path, tmp_path / "run", dataset="folder", tasks=("gender",))
    with pytest.raises(DataError, match="--task=gender"):
        pretrain.pretrain(asked)
