"""The settings of a run: frozen dataclasses, converted to and from JSON."""

import dataclasses
import reprlib
from typing import Any

FEATURE_LAYERS = ("conv3", "conv4", "conv5", "pool5", "fc6", "fc7")
PRETRAINING_TASKS = ("identity", "distill", "age", "years", "gender")
FACE_NETWORKS = ("alexnet", "face_resnet")
# Identity descriptors: a face network's imitation of DeepFace's recogniser Dlib, or
# that recogniser itself.
IDENTITY_DESCRIPTORS = ("imitated", "dlib")
AGE_JUDGES = ("Dlib", "HSE")  # they predict age and gender.
ALIGN_CHOICES = ("auto", "always", "never")
MAX_STRENGTH = 2.0  # times the network's change of a face.
ENGINES = ("auto", "keras", "onnx", "openvino")
# Inversion methods; each also computes those before it.
INVERSIONS = ("none", "pixelwise", "identity_preserving", "extended")
BY_PERSON = INVERSIONS[2:]  # by a recogniser's descriptor.
INVERSION_OPTIMIZERS = ("lbfgs", "adam")
RUN_LIMITS = {"batch_size": (1, 4096), "seed": (0, 2**32 - 1)}  # of a RunConfig.


class ConfigError(ValueError):
    """An invalid setting; the message names it and what was expected."""


def from_json(kind: type, values: dict) -> Any:
    """Makes a flat dataclass of `kind` from a JSON object.

    Raises:
        ConfigError: if `values` is no object, or naming keys that `kind` lacks, or a
            value of another type than its default.
    """
    if not isinstance(values, dict):
        found = reprlib.repr(values)
        raise ConfigError(f"{kind.__name__}: expected a JSON object, got {found}.")
    known = {field.name: field for field in dataclasses.fields(kind)}
    unknown = sorted(values.keys() - known.keys())
    if unknown:
        raise ConfigError(f"{kind.__name__} has no {', '.join(unknown)}.")
    for name, value in values.items():
        kind_of_value = known[name].type if known[name].default is None else None
        expected, types = _TYPES.get(
            kind_of_value or type(known[name].default), ("", ())
        )
        if types and type(value) not in types:
            found = reprlib.repr(value)
            raise ConfigError(
                f"{kind.__name__}: {name}: expected {expected}, got {found}."
            )
    return kind(**values)


# By the type of a field's default, or, where that is None, of the field: what its
# values are.
_TYPES: dict[Any, tuple[str, tuple[type, ...]]] = {
    bool | None: ("true, false or null", (bool, type(None))),
    int | None: ("a whole number or null", (int, type(None))),
    bool: ("true or false", (bool,)),
    int: ("a whole number", (int,)),
    float: ("a number", (int, float)),
    str: ("a text", (str,)),
    tuple: ("a list", (list, tuple)),
}


def check_counts(sizes: Any, at_most: dict[str, int]) -> None:
    """Checks that fields of a dataclass are whole numbers from 1 to `at_most`.

    A checkpoint's config.json may come from anyone: without limits it could ask for
    all of the memory.

    Raises:
        ConfigError: naming the field and its value.
    """
    for name, most in at_most.items():
        value = getattr(sizes, name)
        if type(value) is not int or not 1 <= value <= most:
            raise ConfigError(f"{name} must be from 1 to {most}: {value!r}.")


def check_face_outputs(sizes: Any) -> None:
    """Checks a face network's other outputs: number of people, descriptor size.

    Raises:
        ConfigError: if the numbers are out of range.
    """
    if not (0 <= sizes.num_people <= 10**6 and 0 <= sizes.descriptor_size <= 8192):
        raise ConfigError(
            f"num_people or descriptor_size out of range: {sizes.num_people}, "
            f"{sizes.descriptor_size}."
        )


def check_choice(sizes: Any, name: str, choices: tuple[str, ...]) -> None:
    """Checks that a field of a dataclass is one of `choices`.

    Raises:
        ConfigError: naming the field, its value and the choices.
    """
    value = getattr(sizes, name)
    if value not in choices:
        raise ConfigError(f"{name} must be one of {', '.join(choices)}: {value!r}.")


@dataclasses.dataclass(frozen=True)
class DataConfig:
    """Which faces to train on."""

    dataset: str = "utkface"  # how labels are read from names: see data.sources.
    root_folder: str = ""  # where the images lie.
    source_file: str = ""  # list file, `image label` per line; "": read the folder.
    memory_gigabytes: float = 4.0  # of decoded faces that are kept in memory.
    age_groups: str = "cacd"  # a key of age_groups.GROUPINGS.


@dataclasses.dataclass(frozen=True)
class RunConfig:
    """Where a training run writes, and how often."""

    checkpoint_dir: str = ""
    sample_dir: str = ""  # "": samples/ in the checkpoint folder.
    max_steps: int = 200_000
    batch_size: int = 32
    seed: int = 0
    mixed_precision: bool | None = None  # None: where it is faster.
    save_interval: int = 1000  # steps
    sample_interval: int = 1000  # steps
    log_interval: int = 10  # steps
    max_to_keep: int = 3  # checkpoints
    stage: str = "all"  # or the name of the last stage to train.


@dataclasses.dataclass(frozen=True)
class TrainConfig:
    """A training run of one of the ageing families.

    `sizes` and `recipe` are fields of the family's own dataclasses, as dicts; what is
    not named has their default.
    """

    data: DataConfig = DataConfig()
    run: RunConfig = RunConfig()
    family: str = "ipcgan"
    sizes: dict = dataclasses.field(default_factory=dict)  # of the networks.
    recipe: dict = dataclasses.field(default_factory=dict)  # loss weights and so on.
    alexnet_pretrained_model: str = "checkpoints/face_alexnet_robust"
    age_pretrained_model: str = ""  # "": the predictions of the former.
    identity_descriptor: str = "imitated"  # of IDENTITY_DESCRIPTORS.
    blend_model: str = ""  # folder of the Re-Aging GAN to blend with.
    init_from: str = ""  # checkpoint of networks to start from; "": random ones.


@dataclasses.dataclass(frozen=True)
class PretrainConfig:
    """A pretraining run of a face network, a generator's later teacher."""

    data: DataConfig = DataConfig()
    run: RunConfig = RunConfig(max_steps=4500)
    network: str = "alexnet"  # of FACE_NETWORKS.
    tasks: tuple[str, ...] = ("distill", "age")
    image_size: int = 128
    fully_connected: int = 160  # 4096 as published; this ships in 10 MB.
    dropout: float = 0.2
    learning_rate: float = 4e-4
    attack_radius: float = 0.0  # in [-1, 1] over a whole face (L2); 0: none.
    init_from: str = ""  # folder of a network of the same kind to start from.
    freeze_trunk: bool = False  # train the fully connected layers alone.
    descriptor_cache: str = ""  # folder; "": the checkpoint folder.
    # A folder of faces that a generator has aged, to imitate the recogniser on too.
    aged_dir: str = ""
    aged_share: float = 0.25  # of each batch.


@dataclasses.dataclass(frozen=True)
class InversionConfig:
    """How faces become latent vectors, for a family whose generator takes these."""

    method: str = "extended"  # of INVERSIONS; "none": the encoder's guess.
    steps: int = 50  # at most, of the optimizer.
    optimizer: str = "lbfgs"  # of INVERSION_OPTIMIZERS.
    learning_rate: float = 0.05  # of Adam, at first; falls to nothing.
    # A search ends where a step (of Adam: 30) lowers the objective, or 1 if that is
    # more, by less than this share.
    tolerance: float = 1e-5
    # Largest number of a latent vector: of those that a generator is trained on 997 in
    # 1,000 are within 3.
    bound: float = 3.0
    alexnet_pretrained_model: str = "checkpoints/face_alexnet_robust"
    # What reads the gender that the extended search keeps.
    gender_pretrained_model: str = "checkpoints/face_resnet"
    identity_descriptor: str = "dlib"  # of IDENTITY_DESCRIPTORS.
    # Of pixels in searches for the person; 0 as published. On 16 validation
    # faces 2e-4 halved the error of pixels for 0.02 of the descriptors' distance.
    pixel_weight: float = 2e-4
    # Of the numbers' squares in the extended search. On 60 validation faces the score,
    # ages left out, was 29.8 without that search, and with it 15.8, 15.5, 15.3 and 20.8
    # by 4e-6, 2e-5, 1e-4 and 1e-3.
    code_weight: float = 1e-4


@dataclasses.dataclass(frozen=True)
class AgeConfig:
    """Ageing of a folder of photographs, or of faces cut out before."""

    test_data_dir: str
    save_dir: str
    checkpoint_dir: str
    files: tuple[str, ...] = ()  # of test_data_dir, to age alone; (): all below it.
    batch_size: int = 32
    groups: tuple[int | str, ...] = ()  # numbers or names; (): the usual targets.
    # Instead of groups: years, and differences from a face's own age, such as "+20".
    ages: tuple[int | str, ...] = ()
    source_age: int | None = None  # own age of all faces; None: it is predicted.
    age_pretrained_model: str = "checkpoints/face_resnet"  # what predicts it.
    companions_dir: str = ""  # "": batch normalization by moving statistics.
    align: str = "auto"  # ALIGN_CHOICES: what is taken for a photograph.
    detector: str = "yunet"  # or one of DeepFace's: what finds faces in photographs.
    face: str = "largest"  # which faces of a photograph; see runs.age.choice.
    strength: float = 1.0  # of the change of every face, 0 to MAX_STRENGTH.
    engine: str = "keras"  # ENGINES: what computes the network.
    animate: bool = False  # a GIF from the youngest to the oldest too.
    skip_existing: bool = False  # leave out what was written before.
    label: bool = False  # a visible mark of AI in a corner.
    c2pa_certificate: str = ""  # PEM file to sign outputs with; "": they are not.
    c2pa_key: str = ""  # PEM file of its private key.
    dataset: str = "utkface"  # how a file's name tells its own age group.
    inversion: InversionConfig = InversionConfig()


@dataclasses.dataclass(frozen=True)
class EvaluateConfig:
    """A measurement of aged faces by independent judges."""

    checkpoint_dir: str = "checkpoints/ipcgan_128"
    report_dir: str = "report"
    dataset: str = "utkface"  # how labels are read from names: see data.sources.
    root_folder: str = ""  # a data set: the faces of one split are aged.
    split: str = "test"
    num_faces: int = 200  # to age; of a split drawn alike from all groups; 0: all.
    seed: int = 0  # of that draw.
    source_dir: str = ""  # a folder of faces to age instead.
    aged_dir: str = ""  # faces that were aged before, named as test.py names them.
    csv_file: str = ""  # the same, listed: source,aged,target_group.
    real_dir: str = ""  # real faces of known age; "": those of the sources.
    impostor_dir: str = ""  # of different people; "": the sources.
    age_judges: tuple[str, ...] = AGE_JUDGES
    recognisers: tuple[str, ...] = ("Dlib", "HSE")
    hse_dir: str = "checkpoints/judges/hse_face"
    photos_dir: str = ""  # whole photographs to age, and to cut the faces out again.
    pairs_file: str = ""  # people years apart, listed: source,later,target_group.
    ages: tuple[int, ...] = ()  # years to age to, for runs.evaluate.single_years alone.
    age_groups: str = "cacd"  # of faces that others have aged.
    inversion: InversionConfig = InversionConfig()
