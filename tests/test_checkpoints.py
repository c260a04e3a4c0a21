import io
import json
import pathlib
import resource
import tracemalloc
import zipfile

import keras
import numpy as np
import pytest

from ipcgan import checkpoints
from ipcgan.checkpoints.array_files import read_arrays
from ipcgan.training.trainer import NotFiniteError

SHIPPED = pathlib.Path(__file__).parents[1] / "checkpoints"


def network(units=3, dropout=False):
    image = keras.Input((2,), name="image")
    x = keras.layers.Dense(units, name="dense")(image)
    if dropout:
        x = keras.layers.Dropout(0.5, name="dropout")(x)
    return keras.Model(image, x, name="network")


def trained(units=3):
    """A network and an Adam that has taken one step, so that its slots are not 0."""
    model = network(units)
    optimizer = keras.optimizers.Adam(0.1)
    optimizer.build(model.trainable_variables)
    gradients = [np.ones(v.shape, "float32") for v in model.trainable_variables]
    optimizer.apply([keras.ops.convert_to_tensor(g) for g in gradients])
    return model, optimizer


def save(folder, step, model, optimizer, keep=2):
    return checkpoints.save(
        folder,
        {"generator": model},
        {"generator": optimizer},
        {"step": step},
        config={"family": "ipcgan"},
        max_to_keep=keep,
    )


def test_restores_weights_slots_and_step(tmp_path):
    model, optimizer = trained()
    path = save(tmp_path, 7, model, optimizer)
    again, other = network(), keras.optimizers.Adam(0.1)
    other.build(again.trainable_variables)
    state = checkpoints.restore(path, {"generator": again}, {"generator": other})
    assert state == {"step": 7}
    for a, b in zip(
        model.weights + optimizer.variables,
        again.weights + other.variables,
        strict=True,
    ):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_random_state_is_kept(tmp_path):
    first, second = network(dropout=True), network(dropout=True)
    faces = np.ones((4, 2), "float32")
    first(faces, training=True)
    checkpoints.save_weights(first, tmp_path, "network")
    checkpoints.load_weights(second, tmp_path, "network")
    np.testing.assert_array_equal(
        first(faces, training=True).numpy(), second(faces, training=True).numpy()
    )


def test_newest_is_the_highest_complete_step(tmp_path):
    model, optimizer = trained()
    save(tmp_path, 9, model, optimizer)
    save(tmp_path, 10, model, optimizer)
    (tmp_path / "step-00000011").mkdir()  # Not complete: no state.
    (tmp_path / ".step-00000012.partial").mkdir()
    assert checkpoints.newest(tmp_path).name == "step-00000010"
    assert checkpoints.newest(tmp_path / "nowhere") is None
    assert checkpoints.resolve(str(tmp_path)).name == "step-00000010"
    assert checkpoints.resolve(tmp_path / "shipped") == tmp_path / "shipped"


def test_old_checkpoints_and_remains_are_removed(tmp_path):
    model, optimizer = trained()
    (tmp_path / ".step-00000001.partial").mkdir()
    for step in (1, 2, 3):
        save(tmp_path, step, model, optimizer)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["step-00000002", "step-00000003"]


def test_half_removed_checkpoints_are_cleared_away(tmp_path):
    model, optimizer = trained()
    save(tmp_path, 1, model, optimizer)
    (tmp_path / "step-00000001" / "state.json").unlink()
    save(tmp_path, 2, model, optimizer)
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000002"]


def test_weights_that_are_not_finite_are_never_saved(tmp_path):
    model, optimizer = trained()
    save(tmp_path, 1, model, optimizer)
    kernel = model.get_layer("dense").kernel
    kernel.assign(np.full(kernel.shape, np.nan))
    with pytest.raises(NotFiniteError, match="dense/kernel is not finite after step 2"):
        save(tmp_path, 2, model, optimizer)
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000001"]


def test_a_full_disk_keeps_the_last_good_checkpoint(tmp_path):
    model, optimizer = trained(units=20_000)
    save(tmp_path, 1, model, optimizer)
    before = {p.name: p.read_bytes() for p in (tmp_path / "step-00000001").iterdir()}
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Every further write beyond 64 KiB of a file fails, as on a full disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, hard))
    try:
        with pytest.raises(checkpoints.CheckpointError, match="step-00000002"):
            save(tmp_path, 2, model, optimizer)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [p.name for p in tmp_path.iterdir()] == ["step-00000001"]
    after = {p.name: p.read_bytes() for p in (tmp_path / "step-00000001").iterdir()}
    assert after == before
    checkpoints.restore(
        checkpoints.newest(tmp_path), {"generator": model}, {"generator": optimizer}
    )


def test_weights_of_another_size_are_an_error_that_names_the_file(tmp_path):
    checkpoints.save_weights(network(3), tmp_path, "generator")
    with pytest.raises(checkpoints.CheckpointError, match=r"generator\.weights\.h5"):
        checkpoints.load_weights(network(4), tmp_path, "generator")


def test_json_that_cannot_be_written_leaves_nothing(tmp_path):
    checkpoints.write_json(tmp_path / "a.json", {"old": 1})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, hard))  # as a full disk.
    try:
        with pytest.raises(OSError):
            checkpoints.write_json(tmp_path / "a.json", {"new": "x" * 100_000})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    assert checkpoints.read_json(tmp_path / "a.json") == {"old": 1}


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"[1]", b"{", b"[" * 100_000, b'{"a": NaN']
)
def test_json_that_cannot_be_read_is_named(content, tmp_path):
    (tmp_path / "config.json").write_bytes(content)
    with pytest.raises(checkpoints.CheckpointError, match="config.json"):
        checkpoints.read_json(tmp_path / "config.json")


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(checkpoints.CheckpointError, match="generator.*no such file"):
        checkpoints.load_weights(network(), tmp_path, "generator")


def test_broken_weights_are_an_error(tmp_path):
    (tmp_path / "generator.weights.h5").write_bytes(b"not HDF5")
    with pytest.raises(checkpoints.CheckpointError, match="generator"):
        checkpoints.load_weights(network(), tmp_path, "generator")


def test_pickled_arrays_are_not_read(tmp_path):
    model, optimizer = trained()
    path = save(tmp_path, 1, model, optimizer)
    np.savez(path / "generator.optimizer.npz", x=np.array([{}], dtype=object))
    with pytest.raises(checkpoints.CheckpointError, match="optimizer.npz"):
        checkpoints.restore(path, {"generator": model}, {"generator": optimizer})


@pytest.mark.parametrize("content", [b"", b"not a zip file", b"PK\x03\x04broken"])
def test_broken_arrays_are_an_error(content, tmp_path):
    model, optimizer = trained()
    path = save(tmp_path, 1, model, optimizer)
    (path / "generator.optimizer.npz").write_bytes(content)
    with pytest.raises(checkpoints.CheckpointError, match="optimizer.npz"):
        checkpoints.restore(path, {"generator": model}, {"generator": optimizer})


SHAPES = {"0": (), "1": (40, 3), "2": (2,)}


def damaged(content, random):
    """The same bytes with some changed, cut out, or put in."""
    content = bytearray(content)
    for _ in range(random.integers(1, 4)):
        at = int(random.integers(len(content)))
        how = random.integers(4)
        if how == 0:
            del content[at : at + int(random.integers(1, 60))]
        elif how == 1:
            content[at:at] = random.bytes(int(random.integers(1, 9)))
        else:
            content[at] ^= int(random.integers(1, 256))
        if not content:
            break
    return bytes(content)


def assert_damage_is_noticed(folder, count, seed=0):
    """Damaged arrays are an error, or those that were written; nothing else."""
    random = np.random.default_rng(seed)
    path, refused = folder / "x.optimizer.npz", 0
    for compress in (np.savez, np.savez_compressed):
        arrays = {n: random.normal(size=s).astype("f4") for n, s in SHAPES.items()}
        compress(path, **arrays)
        content = path.read_bytes()
        for _ in range(count // 2):
            path.write_bytes(damaged(content, random))
            try:
                found = read_arrays(path, SHAPES)
            except checkpoints.CheckpointError as error:
                refused += 1
                assert str(error).startswith(f"{path}: ")
            else:  # Of what was damaged nothing is read.
                for name, values in arrays.items():
                    np.testing.assert_array_equal(found[name], values)
    assert refused > 0.8 * count


@pytest.mark.filterwarnings("ignore")  # zipfile's, of names that are there twice.
def test_any_damage_to_arrays_is_noticed(tmp_path):
    assert_damage_is_noticed(tmp_path, 400)


@pytest.mark.parametrize("large", ["member", "header"])
def test_arrays_larger_than_the_network_are_not_read(large, tmp_path):
    path = tmp_path / "x.npz"
    if large == "member":  # 2 MB on disk.
        np.savez_compressed(path, **{"0": np.zeros(2**29, np.uint8)})
    else:
        header = np.lib.format.header_data_from_array_1_0(np.zeros((3,), "f4"))
        stream = io.BytesIO()
        np.lib.format.write_array_header_1_0(stream, {**header, "shape": (10**12,)})
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("0.npy", stream.getvalue())
    tracemalloc.start()
    with pytest.raises(checkpoints.CheckpointError, match="x.npz"):
        read_arrays(path, {"0": (3,)})
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


def flip(path, at=-40):
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def test_the_newest_whole_checkpoint_is_taken(tmp_path, caplog):
    model, optimizer = trained()
    first, second = (save(tmp_path, step, model, optimizer) for step in (1, 2))
    flip(second / "generator.weights.h5", 3000)
    assert checkpoints.newest(tmp_path) == checkpoints.resolve(tmp_path) == first
    assert "step-00000002/generator.weights.h5: is damaged" in caplog.text
    checkpoints.set_aside_damaged(tmp_path, first)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["step-00000001", "step-00000002.damaged"]
    assert save(tmp_path, 2, model, optimizer, keep=1) == second
    assert checkpoints.complete(tmp_path) == [(2, second)]


@pytest.mark.parametrize(
    "name", ["generator.optimizer.npz", "config.json", "state.json", "SHA256SUMS"]
)
def test_a_flipped_bit_of_any_file_is_noticed(name, tmp_path):
    model, optimizer = trained()
    path = save(tmp_path, 1, model, optimizer)
    flip(path / name, -8)
    with pytest.raises(checkpoints.CheckpointError, match="every checkpoint is damag"):
        checkpoints.newest(tmp_path)


def test_weights_of_a_wrong_sum_are_not_loaded(tmp_path):
    checkpoints.save_weights(network(), tmp_path, "generator")
    checkpoints.write_sums(tmp_path, ["generator.weights.h5"])
    checkpoints.load_weights(network(), tmp_path, "generator")
    flip(tmp_path / "generator.weights.h5", 3000)
    with pytest.raises(checkpoints.CheckpointError, match="generator.*is damaged"):
        checkpoints.load_weights(network(), tmp_path, "generator")


def test_shipped_weights_are_whole():
    folders = {path.parent for path in SHIPPED.glob("*/*.weights.h5")}
    assert len(folders) == 5
    for folder in folders:
        told = (folder / checkpoints.SUMS).read_text()
        for path in folder.glob("*.weights.h5"):
            assert f"  {path.name}\n" in told
        checkpoints.check_sums(folder)


def test_sums_are_as_sha256sum_writes_them(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")  # The example of FIPS 180-2.
    checkpoints.write_sums(tmp_path, ["abc"])
    assert (tmp_path / "SHA256SUMS").read_text() == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  abc\n"
    )


def test_a_config_that_is_completed_later_leaves_its_checkpoint_whole(tmp_path):
    checkpoints.write_json(tmp_path / "config.json", {"family": "ipcgan"})
    (tmp_path / "abc").write_bytes(b"abc")
    checkpoints.write_sums(tmp_path, ["abc", "config.json"])
    checkpoints.rewrite_json(tmp_path / "config.json", {"family": "ragan"})
    checkpoints.check_sums(tmp_path)
    assert checkpoints.read_json(tmp_path / "config.json") == {"family": "ragan"}
    lines = (tmp_path / "SHA256SUMS").read_text().splitlines()
    assert [line[66:] for line in lines] == ["abc", "config.json"]
    # Changed by anybody else it is still damaged.
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(checkpoints.CheckpointError, match="config.json: is damaged"):
        checkpoints.check_sums(tmp_path)


def test_no_sums_appear_where_there_were_none(tmp_path):
    checkpoints.rewrite_json(tmp_path / "config.json", {"family": "ragan"})
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]


@pytest.mark.parametrize("text", ["", "[1]", "{"])
def test_json_that_is_no_object_is_an_error(tmp_path, text):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(checkpoints.CheckpointError, match="config.json"):
        checkpoints.read_json(tmp_path / "config.json")


def test_json_survives(tmp_path):
    values = {"family": "ipcgan", "sizes": {"image_size": 128}}
    checkpoints.write_json(tmp_path / "config.json", values)
    assert checkpoints.read_json(tmp_path / "config.json") == values
    assert json.loads((tmp_path / "config.json").read_text()) == values


@pytest.mark.parametrize(
    "state", [{}, {"step": "7"}, {"step": 7, "stages": [["a", "b"]]}, {"step": True}]
)
def test_a_state_of_other_types_is_named(state, tmp_path):
    checkpoints.write_json(tmp_path / "state.json", state)
    with pytest.raises(checkpoints.CheckpointError, match="state.json: expected"):
        checkpoints.restore(tmp_path, {}, {})
