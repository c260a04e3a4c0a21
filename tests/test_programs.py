"""The programs' flags; nothing here loads a backend."""

import dataclasses
import importlib.util
import os
import pathlib
import subprocess
import sys

import pytest
from absl import app, flags

import ipcgan
from ipcgan import config
from ipcgan.families import FAMILIES, families_with, fields
from ipcgan.families.age_cgan import AgeCGANRecipe, AgeCGANSizes
from ipcgan.families.ipcgan import IPCGANRecipe, IPCGANSizes
from ipcgan.families.ragan import RAGANRecipe, RAGANSizes
from ipcgan.runs.train import recipe_files, train_help, train_program

ROOT = pathlib.Path(__file__).parents[1]
PROGRAMS = [
    "age_lsgan_transfer.py",
    "test.py",
    *sorted(f"tools/{path.name}" for path in (ROOT / "tools").glob("*.py")),
]
# Every flag of the authors' age_lsgan_transfer.py.
REFERENCE = (
    "learning_rate batch_size image_size noise_dim feature_size age_groups max_steps "
    "alexnet_pretrained_model age_pretrained_model model_index gan_loss_weight "
    "fea_loss_weight age_loss_weight tv_loss_weight checkpoint_dir "
    "source_checkpoint_dir sample_dir fea_layer_name source_file root_folder"
).split()


def load(name):
    path = ROOT / "tools" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def parse(*arguments):
    values = flags.FlagValues()
    train_program.define_flags(values)
    values(["age_lsgan_transfer.py", *arguments])
    return train_program.train_config(values)


def test_defaults_are_the_published_recipe():
    settings = parse("--checkpoint_dir=run")
    assert settings.family == "ipcgan"
    assert settings.recipe["gan_loss_weight"] == 75
    assert settings.recipe["fea_loss_weight"] == 0.5e-4
    assert settings.recipe["age_loss_weight"] == 30
    assert settings.recipe["fea_layer_name"] == "conv5"
    assert settings.run.batch_size == 32
    # What the paper does not have is off.
    ours = ("years_loss_weight", "template_steps", "average_momentum")
    assert not any(settings.recipe[name] for name in ours)
    assert IPCGANRecipe(**settings.recipe) == IPCGANRecipe()


def test_flags_become_config():
    settings = parse(
        "--checkpoint_dir=run",
        "--batch_size=4",
        "--fea_layer_name=fc7",
        "--legacy_discriminator",
        "--mixed_precision",
        "--image_size=64",
        "--dataset=cacd",
        "--sample_dir=s",
        "--generator_output=change",
    )
    assert settings.run.batch_size == 4
    assert settings.run.mixed_precision
    assert settings.run.sample_dir == "s"
    assert settings.recipe["fea_layer_name"] == "fc7"
    assert IPCGANSizes(**settings.sizes) == IPCGANSizes(
        image_size=64,
        logit_channels=512,
        generator_output="change",
    )
    assert settings.data.dataset == "cacd"


def test_each_family_has_defaults_of_its_own():
    settings = parse("--checkpoint_dir=run", "--family=age_cgan", "--real_label=0.9")
    assert settings.run.batch_size == 64
    assert settings.data.age_groups == "published"
    recipe = dataclasses.asdict(AgeCGANRecipe(real_label=0.9))
    assert settings.recipe == recipe
    assert settings.sizes == dataclasses.asdict(AgeCGANSizes())
    settings = parse("--checkpoint_dir=run", "--family=age_cgan", "--age_groups=cacd")
    assert settings.data.age_groups == "cacd"
    assert settings.sizes["num_groups"] == 5
    assert parse("--checkpoint_dir=run", "--age_groups=5").data.age_groups == "cacd"


def test_a_flag_of_another_family_is_refused():
    with pytest.raises(app.UsageError, match="--age_loss_weight: --family=age_cgan"):
        parse("--checkpoint_dir=run", "--family=age_cgan", "--age_loss_weight=1")
    of = "--real_label: --family=ipcgan has no such flag; it is of age_cgan"
    with pytest.raises(app.UsageError, match=of):
        parse("--checkpoint_dir=run", "--real_label=0.9")
    with pytest.raises(app.UsageError, match="it is of age_cgan and ragan"):
        parse("--checkpoint_dir=run", "--mismatched_loss_weight=1")


@pytest.mark.parametrize(
    ("family", "flag"),
    [
        ("ragan", "--age_loss_weight=1"),
        ("ragan", "--real_label=0.9"),
        ("ragan", "--discriminator=residual"),
        ("ragan", "--legacy_discriminator"),
        ("age_cgan", "--cycle_loss_weight=1"),
        ("ipcgan", "--early_share=1"),
        ("ipcgan", "--face_mask=ffhq"),
        ("ipcgan", "--latent_size=32"),
    ],
)
def test_a_flag_of_another_familys_networks_is_refused(family, flag):
    name = flag.split("=")[0]
    refused = f"{name}: --family={family} has no such flag; it is of .*(gan|cgan)"
    with pytest.raises(app.UsageError, match=refused):
        parse("--checkpoint_dir=run", f"--family={family}", flag)


def test_ragans_flags_become_config():
    settings = parse(
        "--checkpoint_dir=run",
        "--family=ragan",
        "--dataset=ffhq_aging",
        "--image_size=128",
        "--face_mask=ffhq",
        "--generator_output=change",
        "--gan_loss_weight=2",
        "--gradient_penalty_weight=3",
        "--reconstruction_loss_weight=4",
        "--late_reconstruction_loss_weight=5",
        "--cycle_loss_weight=6",
        "--early_share=0.5",
        "--segmentation_share=0.25",
        "--generator_filters=16",
        "--discriminator_filters=24",
    )
    assert settings.data == config.DataConfig("ffhq_aging", age_groups="ffhq_aging")
    assert settings.run.batch_size == 8
    assert RAGANSizes(**settings.sizes) == RAGANSizes(
        image_size=128,
        face_mask="ffhq",
        generator_output="change",
        generator_filters=16,
        discriminator_filters=24,
    )
    recipe = RAGANRecipe(2.0, 3.0, 4.0, 5.0, 0.5, 6.0, segmentation_share=0.25)
    assert settings.recipe == dataclasses.asdict(recipe)
    settings = parse("--checkpoint_dir=run", "--family=ragan")
    assert settings.recipe == dataclasses.asdict(RAGANRecipe())
    assert settings.sizes == dataclasses.asdict(RAGANSizes())


@pytest.mark.parametrize("family", FAMILIES)
def test_every_field_has_help_and_a_flag(family):
    values = flags.FlagValues()
    train_program.define_flags(values)
    for name, field in FAMILIES[family].fields().items():
        about, group = field.metadata["help"], field.metadata["group"]
        assert about[0].isupper() and about.endswith((".", ".)")), name
        assert group in fields.GROUPS
        if not field.metadata["has_flag"]:
            assert name not in values
            continue
        assert about in values[name].help
        # A flag is of one kind for all families that have it.
        kinds = {FAMILIES[f].fields()[name].type for f in families_with(name)}
        assert kinds == {field.type} == {type(field.default)}
        settings = parse("--dry_run", f"--family={family}", f"--{name}={field.default}")
        assert settings == parse("--dry_run", f"--family={family}")


@pytest.mark.parametrize("family", FAMILIES)
def test_help_on_a_recipe_names_every_field_once(family):
    lines = train_help.recipe(family).splitlines()
    for name, field in FAMILIES[family].fields().items():
        named = f"  {name} = {field.default}"
        choices = field.metadata["choices"]
        if choices:
            named = f"{named} ({'|'.join(choices)})"
        assert lines.count(named) == 1
    assert {f"{group}:" for group in fields.GROUPS} <= set(lines)


def test_help_fits_two_screens_and_tells_what_recipes_there_are():
    values = flags.FlagValues()
    train_program.define_flags(values)
    text = train_help.essentials(values)
    assert len(text.splitlines()) <= 50
    assert max(map(len, text.splitlines())) <= 88
    words = " ".join(text.split())
    for name, about in recipe_files.shipped().items():
        assert f"{name} {about}" in words
    assert "--batch_size Faces per step; by default 32 (ipcgan), 64 (age" in words


def test_the_authors_discriminator_has_two_flags_that_may_not_differ():
    settings = parse("--checkpoint_dir=run", "--logit_channels=512")
    assert settings == parse("--checkpoint_dir=run", "--legacy_discriminator")
    with pytest.raises(app.UsageError, match="--logit_channels says it already"):
        parse("--checkpoint_dir=run", "--logit_channels=1", "--legacy_discriminator")


def test_every_flag_of_the_reference_is_known():
    values = flags.FlagValues()
    train_program.define_flags(values)
    assert set(REFERENCE) <= set(values)


def test_flags_without_effect_are_accepted_with_a_warning(caplog):
    from absl import logging

    logging.use_absl_handler()
    with caplog.at_level("WARNING", logger="absl"):
        parse("--checkpoint_dir=run", "--noise_dim=256")
    assert "--noise_dim has no effect" in caplog.text


@pytest.mark.parametrize(
    "bad",
    [
        "--batch_size=0",
        "--learning_rate=-1",
        "--fea_layer_name=conv9",
        "--age_groups=4",
    ],
)
def test_bad_values_name_their_flag(bad):
    with pytest.raises(flags.IllegalFlagValueError, match=bad[2:].split("=")[0]):
        parse("--checkpoint_dir=run", bad)


def test_pretraining_tasks_are_learnt_together():
    program = load("pretrain_alexnet")
    values = flags.FlagValues()
    program.define_flags(values)
    values(["x", "--checkpoint_dir=run", "--task=identity", "--task=age"])
    assert program.pretrain_config(values).tasks == ("age", "identity")


def answer(program, *arguments, cwd=ROOT):
    """Runs a program where whatever takes long to load cannot be loaded."""
    slow = ("cv2", "dlib", "keras", "matplotlib", "scipy", "skimage", "tensorflow")
    path = ROOT / program
    code = (
        "import runpy, sys\n"
        f"sys.modules.update(dict.fromkeys({slow!r}))\n"
        f"sys.argv = [{str(path)!r}, *{arguments!r}]\n"
        f"runpy.run_path({str(path)!r}, run_name='__main__')\n"
    )
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", code],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_answers_without_loading_a_backend(program):
    told = answer(program, "--help")
    flag = "--save_dir" if program == "test.py" else "--checkpoint_dir"
    without = (
        "build_wheel",
        "prepare_dataset",
        "import_release",
        "run_demo",
        "invent_faces",
    )
    if program in {f"tools/{name}.py" for name in without}:
        flag = "--save_dir"
    assert flag in told.stdout, told.stderr
    assert (told.returncode, told.stderr) == (0, "")


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_tells_its_version(program):
    told = answer(program, "--version")
    assert told.stdout == f"ipcgan {ipcgan.__version__}\n", told.stderr
    assert told.returncode == 0


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (
            "test.py --strength=3",
            "--strength=3: 3.0 is not a number in the range [0.0, 2.0]",
        ),
        (
            "tools/export.py --checkpoint=x",
            "Unknown command line flag 'checkpoint'. Did you mean: checkpoint_dir ?",
        ),
        ("test.py --save_dir=", "--save_dir=: expected a folder"),
        ("test.py --checkpoint_dir=", "--checkpoint_dir=: expected a folder"),
        ("tools/evaluate.py --report_dir=", "--report_dir=: expected a folder"),
        (
            "age_lsgan_transfer.py --checkpoint_dir= --root_folder=x",
            "--checkpoint_dir must be given, or --resume or --dry_run",
        ),
        ("tools/export.py x", "x: expected flags, as --NAME=VALUE"),
        ("tools/compare.py --root_folder=x", "--checkpoint_dirs must be given"),
        (
            "age_lsgan_transfer.py --batch_size=4",
            "--checkpoint_dir must be given, or --resume or --dry_run",
        ),
        (
            "tools/invent_faces.py --save_dir=x --seeds=a",
            "--seeds=a: expected whole numbers",
        ),
    ],
)
def test_a_wrong_flag_gets_one_line(command, line):
    told = answer(*command.split())
    assert (told.stdout, told.stderr) == ("", f"error: {line}; see --help.\n")
    assert told.returncode == 2


# A command, and how its answer begins; net is a checkpoint, a.png a file.
WRONG_PATHS = """
test.py no.jpg -> --test_data_dir=no.jpg: no such file or folder.
test.py --test_data_dir=a.png,no.jpg -> --test_data_dir=no.jpg: no such fi
test.py a.png . -> --test_data_dir=.: a folder comes alone; expected files.
test.py . --checkpoint_dir=no -> no: no checkpoint: expected config.json and
test.py . --checkpoint_dir=net --groups=6 -> --groups=6: net ages to groups
test.py . --checkpoint_dir=net --ages=5 -> --ages=5: net ages to 11 to 100
test.py . --checkpoint_dir=net --save_dir=a.png/x -> --save_dir=a.png/x: can
age_lsgan_transfer.py --checkpoint_dir=no -> --root_folder=: no such folder
age_lsgan_transfer.py --checkpoint_dir=no --root_folder=no
    -> --root_folder=no: no such folder
age_lsgan_transfer.py --family=ragan --checkpoint_dir=a.png --root_folder=.
    -> --checkpoint_dir=a.png: cannot be written to
age_lsgan_transfer.py --checkpoint_dir=no --root_folder=.
    -> --alexnet_pretrained_model=checkpoints/face_alexnet_robust: no such folder
age_lsgan_transfer.py --checkpoint_dir=no --stage=no
    -> --stage=no: expected one of all, templates
tools/age_many.py --input=no --output=x -> --input=no: no such file or folder.
tools/age_many.py --input=. --output=x --checkpoint_dir=no -> no: no checkpoint
tools/age_many.py --input=. --output=x --address=x -> --address=x: expected HOST
tools/ablate.py --checkpoint_dir=no -> --root_folder=: no such folder
tools/before_after.py --photo=no.jpg -> --photo=no.jpg: no such file
tools/benchmark.py age --checkpoint_dir=no -> no: no checkpoint
tools/compare.py --root_folder=. --checkpoint_dirs=net,no -> no: no checkpoint
tools/evaluate.py --checkpoint_dir=no -> no: no checkpoint
tools/evaluate.py --checkpoint_dir=net -> Expected one of --root_folder
tools/evaluate.py --checkpoint_dir=net --root_folder=no
    -> --root_folder=no: no such folder
tools/evaluate.py --csv=no.csv -> --csv=no.csv: no such file
tools/evaluate.py --aged_dir=. --report_dir=a.png
    -> --report_dir=a.png: cannot be written to
tools/evaluate.py --aged_dir=. --age_judge=no -> --age_judge=no: expected Dl
tools/export.py --checkpoint_dir=no -> no: no checkpoint
tools/import_release.py --save_dir=x --generator_checkpoint=no
    -> no: no such checkpoint: expected no.index
tools/invent_faces.py --save_dir=x --checkpoint_dir=no -> no: no checkpoint
tools/measure_gender.py --checkpoint_dir=no -> no: no checkpoint
tools/measure_template.py --root_folder=no -> --root_folder=no: no such fold
tools/prepare_dataset.py --root_folder=no --save_dir=x -> --root_folder=no: n
tools/pretrain_alexnet.py --checkpoint_dir=no --root_folder=no
    -> --root_folder=no: no such folder
tools/ship_checkpoint.py --checkpoint_dir=no --save_dir=x -> no: no checkpoint
"""


@pytest.mark.parametrize(
    ("command", "line"),
    [
        [part.strip() for part in entry.split("->")]
        for entry in WRONG_PATHS.strip().replace("\n    ->", " ->").splitlines()
    ],
)
def test_a_wrong_path_is_told_before_anything_slow_is_loaded(command, line, tmp_path):
    (tmp_path / "a.png").touch()
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "config.json").write_text("{}")
    told = answer(*command.split(), cwd=tmp_path)
    assert told.stderr.startswith(f"error: {line}"), told.stderr
    assert told.stderr.count("\n") == 1
    assert (told.stdout, told.returncode) == ("", 1)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_stages_that_are_told_at_once_are_those_of_the_family(family):
    one = ("template_steps", "prototype_loss_weight")
    numbers = {name: 1 for name in one if name in FAMILIES[family].fields()}
    recipe = FAMILIES[family].recipe(**numbers)
    code = FAMILIES[family].implementation
    stages = code.stages(recipe, config.RunConfig(max_steps=9))
    assert tuple(stage.name for stage in stages) == FAMILIES[family].stages
    taught = bool(code.teacher_outputs(FAMILIES[family].recipe()))
    assert taught == FAMILIES[family].taught
