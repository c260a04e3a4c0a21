"""Ablation: equally long training runs that differ in one flag."""

import dataclasses
import json

from ipcgan import config
from ipcgan.families.ipcgan import IPCGANRecipe
from ipcgan.runs.evaluate import ablate


def base(**recipe):
    return config.TrainConfig(
        run=config.RunConfig(checkpoint_dir="runs/a", max_steps=7),
        recipe={**dataclasses.asdict(IPCGANRecipe()), **recipe},
    )


def test_each_training_differs_in_one_flag_and_has_its_folder():
    tried = ablate.settings_to_try(base())
    assert len(tried) >= 6
    assert tried.pop("").recipe == base().recipe
    folders = {settings.run.checkpoint_dir for settings in tried.values()}
    assert len(folders) == len(tried)
    for label, settings in tried.items():
        name, value = label.split("=")
        changed = {k for k, v in settings.recipe.items() if v != base().recipe[k]}
        assert changed == {name}
        assert f"{settings.recipe[name]:{'' if name == 'fea_layer_name' else 'g'}}" == (
            value
        )
        assert settings.run.max_steps == 7


def test_a_change_to_what_it_was_is_not_tried():
    tried = ablate.settings_to_try(base(fea_layer_name="fc7", fea_loss_weight=0.0))
    assert "fea_layer_name=fc7" not in tried
    assert not any(label.startswith("fea_loss_weight") for label in tried)


def test_results_are_written_and_drawn(tmp_path):
    row = {
        "rise/J": (20.0, 19.0, 21.0),
        "never_steps_back/J": (0.9, 0.8, 1.0),
        "gender_kept/J": (0.95, 0.9, 1.0),
        "to_oldest/distance/Dlib": (0.3, 0.29, 0.31),
        "to_oldest/same_strict/Dlib": (0.99, 0.98, 1.0),
    }
    results = {"base: 30, 5e-05, conv5": row, "age_loss_weight=60": row}
    table = ablate.write_results(results, ("J", "Dlib"), tmp_path)
    assert "| age_loss_weight=60" in table
    assert "90.0 (80.0 to 100.0)" in table
    assert json.loads((tmp_path / ablate.RESULT).read_text()).keys() == set(results)
    drawn = (tmp_path / ablate.PLOT).read_text()
    assert "base: 30, 5e-05, conv5" in drawn
    assert {p.name for p in tmp_path.iterdir()} == {ablate.RESULT, ablate.PLOT}
