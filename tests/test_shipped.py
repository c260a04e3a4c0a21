"""Shipped networks are found from any folder, and in an installed package."""

from pathlib import Path

import pytest

from ipcgan.checkpoints import shipped
from ipcgan.checkpoints.run_folders import resolve

ROOT = Path(__file__).parents[1]


def test_a_shipped_network_is_found_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = "checkpoints/ragan_128"
    assert resolve(name) == ROOT / name
    # One's own folder of this name comes first.
    (tmp_path / name).mkdir(parents=True)
    assert resolve(name) == Path(name)


def test_what_is_installed_comes_before_what_lies_beside_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    package = tmp_path / "site-packages" / "ipcgan"
    installed, beside = package / "shipped/some_64", package.parent / "checkpoints"
    installed.mkdir(parents=True)
    (beside / "some_64").mkdir(parents=True)
    monkeypatch.setattr(shipped, "_PACKAGE", package)
    assert shipped.located("checkpoints/some_64") == installed


@pytest.mark.parametrize(
    "name", ["checkpoints/none", "ragan_128", "other/ragan_128", "checkpoints/.."]
)
def test_other_names_are_taken_as_they_are(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert shipped.located(name) == Path(name)
