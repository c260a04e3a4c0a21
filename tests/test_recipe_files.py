"""Recipes: files that say how to train; nothing here loads a backend."""

import json
import pathlib
import subprocess
import sys

import pytest
from absl import app, flags

from ipcgan import checkpoints, config
from ipcgan.age_groups import GROUPINGS
from ipcgan.families import FAMILIES
from ipcgan.runs.train import recipe_files, train_program

ROOT = pathlib.Path(__file__).parents[1]
FAMILIES_OF_WEIGHTS = {
    "ipcgan_128": "ipcgan",
    "age_cgan_64": "age_cgan",
    "ragan_128": "ragan",
}


def parse(*arguments):
    values = flags.FlagValues()
    train_program.define_flags(values)
    values(["age_lsgan_transfer.py", "--dry_run", *arguments])
    return train_program.train_config(values)


def printed(*arguments):
    return recipe_files.describe(parse(*arguments))


@pytest.fixture
def write(tmp_path):
    """Returns what writes a recipe file, of an object or a text; returns its path."""

    def write(values):
        path = tmp_path / "mine.json"
        path.write_text(values if isinstance(values, str) else json.dumps(values))
        return str(path)

    return write


@pytest.mark.parametrize("name", recipe_files.shipped())
def test_a_shipped_recipe_is_valid_and_names_every_number(name):
    """So that another default, later, does not change what it trains."""
    settings = recipe_files.read(name)
    FAMILIES[settings.family].sizes(**settings.sizes)
    FAMILIES[settings.family].recipe(**settings.recipe)
    values = checkpoints.read_json(ROOT / "ipcgan" / "recipes" / f"{name}.json")
    about = values.pop("about")
    assert about.endswith(".")
    assert about.count(". ") == 0
    assert recipe_files.shipped()[name] == about
    whole = f"age_lsgan_transfer.py --recipe={name} --dry_run prints it whole"
    assert values == printed(f"--recipe={name}"), whole


def test_the_names_that_ship():
    names = {
        "age_cgan_64",
        "portrait",
        "published",
        "quick",
        "ragan_128",
        "ragan_portrait",
    }
    assert recipe_files.shipped().keys() == names


def test_published_is_what_no_flag_at_all_asks_for():
    assert parse("--recipe=published") == parse()


@pytest.mark.parametrize("folder", FAMILIES_OF_WEIGHTS)
def test_shipped_weights_are_a_recipe(folder):
    settings = parse(f"--recipe={ROOT / 'checkpoints' / folder}")
    values = checkpoints.read_json(ROOT / "checkpoints" / folder / "config.json")
    assert settings.family == FAMILIES_OF_WEIGHTS[folder]
    assert settings.sizes.items() >= values["sizes"].items()
    assert settings.recipe.items() >= values["recipe"].items()
    assert settings.run.batch_size == values["run"]["batch_size"]
    assert settings.run.max_steps == values["run"]["max_steps"]
    assert settings.data.age_groups == values["data"]["age_groups"]
    assert settings.identity_descriptor == values["identity_descriptor"]
    # Where it wrote, how often, and what of it one command did: not of a recipe.
    kept = {name: getattr(settings.run, name) for name in recipe_files.RUN_FIELDS}
    assert settings.run == config.RunConfig(**kept)


@pytest.mark.parametrize("name", recipe_files.shipped())
def test_what_is_printed_is_a_recipe_of_the_same(name, write):
    changed = [f"--recipe={name}", "--max_steps=7", "--seed=3", "--learning_rate=0.5"]
    assert parse(f"--recipe={write(printed(*changed))}") == parse(*changed)


def test_flags_come_before_the_recipe_though_they_say_the_default(write):
    path = write(
        {
            "family": "ipcgan",
            "sizes": {"image_size": 64, "logit_channels": 512},
            "recipe": {"gan_loss_weight": 1, "age_loss_weight": 2},
            "run": {"batch_size": 4, "mixed_precision": True, "seed": 5},
            "age_pretrained_model": "a",
            "identity_descriptor": "dlib",
        }
    )
    settings = parse(f"--recipe={path}")
    assert settings.sizes["image_size"] == 64
    assert settings.sizes["logit_channels"] == 512
    assert settings.recipe["gan_loss_weight"] == 1.0
    assert settings.run.batch_size == 4
    assert settings.run.mixed_precision
    assert settings.run.seed == 5
    assert settings.identity_descriptor == "dlib"
    settings = parse(
        f"--recipe={path}",
        "--gan_loss_weight=75",
        "--image_size=128",
        "--nolegacy_discriminator",
        "--batch_size=32",
        "--nomixed_precision",
        "--seed=0",
        "--age_pretrained_model=",
        "--identity_descriptor=imitated",
    )
    unchanged = parse("--age_loss_weight=2", "--nomixed_precision")
    assert settings == unchanged


def test_what_a_file_does_not_name_has_the_familys_default(write):
    path = write({"family": "ragan", "recipe": {"early_share": 0.5}})
    assert parse(f"--recipe={path}") == parse("--family=ragan", "--early_share=0.5")


def test_other_age_groups_change_the_networks_sizes():
    settings = parse("--recipe=age_cgan_64", "--age_groups=cacd")
    assert settings.data.age_groups == "cacd"
    assert settings.sizes["num_groups"] == len(GROUPINGS["cacd"])


def test_the_family_is_that_of_the_recipe():
    assert parse("--recipe=ragan_128").family == "ragan"
    assert parse("--recipe=ragan_128", "--family=ragan").family == "ragan"
    with pytest.raises(app.UsageError, match="--family=ipcgan: .*ragan_128 is of raga"):
        parse("--recipe=ragan_128", "--family=ipcgan")
    with pytest.raises(app.UsageError, match="--age_loss_weight: --family=ragan has"):
        parse("--recipe=ragan_128", "--age_loss_weight=1")
    with pytest.raises(app.UsageError, match="--face_mask: --family=ipcgan has no"):
        parse("--recipe=published", "--face_mask=ffhq")


IPCGAN = {"family": "ipcgan"}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("{", "expected JSON"),
        ("\0\1\2", "expected JSON"),
        ("[" * 10**5, "expected JSON"),
        (
            '{"family": ' + "[" * 700 + "]" * 700 + "}",
            "expected one of|recursion depth",
        ),
        ("[1]", "expected a JSON object, got"),
        (" " * 2**20 + "{}", "larger than 1048576 bytes"),
        ({}, "family: expected one of ipcgan, age_cgan, ragan, got None"),
        ({"family": ["ipcgan"]}, "family: expected one of"),
        ({**IPCGAN, "recipes": {}}, "recipes: .*not known here; expected one of .*run"),
        ({**IPCGAN, "recipe": [1]}, "recipe: expected a JSON object, got"),
        ({**IPCGAN, "about": 1}, "about: expected a text, got 1"),
        ({**IPCGAN, "recipe": {"age": 1}}, r"recipe\.age: 1: .*age_loss_weight"),
        (
            {**IPCGAN, "recipe": {"real_label": 0.9}},
            r"recipe\.real_label: 0.9: this key is not known here \(but to age_cgan\)",
        ),
        ({**IPCGAN, "sizes": {"latent_size": 9}}, r"sizes\.latent_size.*age_cgan"),
        (
            {**IPCGAN, "recipe": {"age_loss_weight": "30"}},
            r"recipe\.age_loss_weight: expected a number from 0 to .*, got '30'",
        ),
        ({**IPCGAN, "recipe": {"age_loss_weight": True}}, "a number .*, got True"),
        ({**IPCGAN, "recipe": {"age_loss_weight": None}}, "a number .*, got None"),
        ({**IPCGAN, "recipe": {"age_loss_weight": -1}}, "a number from 0 .*, got -1"),
        ({**IPCGAN, "recipe": {"age_loss_weight": float("nan")}}, "number.*, got nan"),
        ({**IPCGAN, "recipe": {"age_loss_weight": float("inf")}}, "number.*, got inf"),
        (
            {**IPCGAN, "recipe": {"age_loss_weight": 10**400}},
            "a number from 0 .*got 1",
        ),
        (
            {**IPCGAN, "recipe": {"template_steps": 1.5}},
            "a whole number .*, got 1.5",
        ),
        ({**IPCGAN, "recipe": {"learning_rate_decay": 1}}, "true or false, got 1"),
        ({**IPCGAN, "recipe": {"fea_layer_name": "fc9"}}, "fea_layer_name: .*conv3"),
        ({**IPCGAN, "sizes": {"image_size": True}}, "image_size: .*whole.*, got True"),
        ({**IPCGAN, "sizes": {"image_size": 64.0}}, "image_size: .*whole.*, got 64.0"),
        ({**IPCGAN, "sizes": {"image_size": 10**6}}, "image_size must be from 1 to"),
        ({**IPCGAN, "sizes": {"image_size": 30}}, "sizes: image_size must be a mult"),
        (
            {**IPCGAN, "sizes": {"generator_output": "x"}},
            "sizes.generator_output: expe",
        ),
        ({**IPCGAN, "sizes": {"num_groups": 6}}, "num_groups: expected 5, .* got 6"),
        ({**IPCGAN, "run": {"batch_size": 0}}, "run.batch_size: .* from 1 to 4096"),
        (
            {**IPCGAN, "run": {"steps": 9}},
            "run.steps: 9: .* one of .*max_steps",
        ),
        ({**IPCGAN, "data": {"age_groups": "no"}}, "age_groups: expected one of cacd"),
        ({**IPCGAN, "identity_descriptor": "no"}, "one of imitated, dlib, got 'no'"),
        ({**IPCGAN, "alexnet_pretrained_model": 3}, "expected a text, got 3"),
    ],
)
def test_a_bad_file_is_an_error_that_names_it_and_what_was_expected(
    values, message, write
):
    path = write(values)
    with pytest.raises(config.ConfigError, match=message) as raised:
        parse(f"--recipe={path}")
    assert path in str(raised.value)
    assert len(str(raised.value)) < 1500


def test_what_is_no_recipe_names_those_there_are(tmp_path):
    with pytest.raises(config.ConfigError, match="--recipe=no: .*published, quick"):
        parse("--recipe=no")
    with pytest.raises(config.ConfigError, match="published, quick"):
        parse(f"--recipe={tmp_path / 'no.json'}")
    with pytest.raises(config.ConfigError, match="no config.json there"):
        parse(f"--recipe={tmp_path}")


def test_a_field_that_is_no_more_is_named(tmp_path):
    values = {"family": "ipcgan", "recipe": {"of_long_ago": 1.0}}
    checkpoints.write_json(tmp_path / "config.json", values)
    with pytest.raises(config.ConfigError, match=r"config.json: recipe\.of_long_ago"):
        parse(f"--recipe={tmp_path}")


def test_of_a_trainings_folder_the_newest_checkpoint_is_the_recipe(tmp_path):
    for step in (1, 2):
        folder = tmp_path / f"step-{step:08d}"
        folder.mkdir()
        values = {"family": "ipcgan", "recipe": {"age_loss_weight": step}}
        checkpoints.write_json(folder / "config.json", values)
        checkpoints.write_json(folder / "state.json", {"step": step})
    checkpoints.write_json(tmp_path / "config.json", {"family": "ragan"})
    assert parse(f"--recipe={tmp_path}").recipe["age_loss_weight"] == 2.0
    older = parse(f"--recipe={tmp_path / 'step-00000001'}")
    assert older.recipe["age_loss_weight"] == 1.0


def test_numbers_that_changed_midway_are_told_with_their_steps(write, caplog):
    from absl import logging

    logging.use_absl_handler()
    changes = [
        {"step": 3, "recipe.age_loss_weight": [1.0, 2.0], "run.max_steps": [4, 9]},
        {"step": 7},  # Weights that were given away tell nothing of the machine.
    ]
    with caplog.at_level("WARNING", logger="absl"):
        parse(f"--recipe={write({**IPCGAN, 'changes': changes})}")
    assert (
        "recipe.age_loss_weight, run.max_steps at step 3; something at" in caplog.text
    )
    for bad in ("x", [3], [{"step": True}], [{"step": 1, "a": 2}]):
        with pytest.raises(checkpoints.CheckpointError, match="mine.json: changes: "):
            parse(f"--recipe={write({**IPCGAN, 'changes': bad})}")


def run_program(*arguments):
    code = (
        "import runpy, sys\n"
        "sys.modules['keras'] = sys.modules['tensorflow'] = None\n"
        f"sys.argv = {['age_lsgan_transfer.py', *arguments]!r}\n"
        "runpy.run_path('age_lsgan_transfer.py', run_name='__main__')\n"
    )
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )


def test_a_dry_run_prints_the_recipe_without_loading_a_backend(tmp_path):
    answer = run_program("--dry_run", "--recipe=quick", "--max_steps=7")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == printed("--recipe=quick", "--max_steps=7")
    answer = run_program("--dry_run", "--recipe=none")
    assert answer.returncode == 1
    assert "error: --recipe=none: no such recipe" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_training_needs_a_folder():
    values = flags.FlagValues()
    train_program.define_flags(values)
    with pytest.raises(flags.IllegalFlagValueError, match="--checkpoint_dir must be"):
        values(["age_lsgan_transfer.py", "--recipe=quick"])


def test_help_tells_what_the_recipes_are_about():
    values = flags.FlagValues()
    train_program.define_flags(values)
    for name, about in recipe_files.shipped().items():
        assert f"{name}: {about}" in values["recipe"].help
