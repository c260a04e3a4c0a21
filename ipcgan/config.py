"""What a run was asked for: frozen, and to and from JSON."""

import dataclasses
from typing import Any


def to_json(config: Any) -> dict:
    """Returns a dataclass as a dict that JSON can hold."""
    return dataclasses.asdict(config)


def from_json(kind: type, values: dict) -> Any:
    """Makes a dataclass of `kind` from what to_json returned.

    Raises:
        ValueError: naming keys that `kind` does not have, or that are missing.
    """
    fields = {field.name: field for field in dataclasses.fields(kind)}
    unknown = sorted(values.keys() - fields.keys())
    if unknown:
        raise ValueError(f"{kind.__name__} has no {', '.join(unknown)}.")
    needed = {n for n, f in fields.items() if f.default is dataclasses.MISSING}
    missing = sorted(needed - values.keys())
    if missing:
        raise ValueError(f"{kind.__name__} needs {', '.join(missing)}.")
    return kind(**values)


@dataclasses.dataclass(frozen=True)
class DataConfig:
    """Which faces to train on."""

    dataset: str = "utkface"  # how labels are read from names: see data.sources.
    root_folder: str = ""  # where the images lie.
    source_file: str = ""  # list file, `image label` per line; "": read the folder.
    memory_gigabytes: float = 4.0  # of decoded faces that are kept in memory.


@dataclasses.dataclass(frozen=True)
class RunConfig:
    """Where a training writes, and how often."""

    checkpoint_dir: str = ""
    sample_dir: str = ""  # "": samples/ in the checkpoint folder.
    max_steps: int = 200_000
    batch_size: int = 32
    seed: int = 0
    mixed_precision: bool = False
    save_interval: int = 1000  # steps
    sample_interval: int = 1000  # steps
    log_interval: int = 10  # steps
    max_to_keep: int = 3  # checkpoints


@dataclasses.dataclass(frozen=True)
class TrainConfig:
    """A training of one of the ageing families.

    `sizes` and `recipe` are fields of the family's own dataclasses, as dicts; what is
    not named has their default.
    """

    data: DataConfig = DataConfig()
    run: RunConfig = RunConfig()
    family: str = "ipcgan"
    sizes: dict = dataclasses.field(default_factory=dict)  # of the networks.
    recipe: dict = dataclasses.field(default_factory=dict)  # weights and aids.
    alexnet_pretrained_model: str = "checkpoints/face_alexnet"
    age_pretrained_model: str = ""  # "": the age head of the former.


@dataclasses.dataclass(frozen=True)
class PretrainConfig:
    """A pretraining of the face AlexNet."""

    data: DataConfig = DataConfig()
    run: RunConfig = RunConfig(max_steps=4500)
    tasks: tuple[str, ...] = ("distill", "age")
    image_size: int = 128
    fully_connected: int = 160  # 4096 as published; this ships in 10 MB.
    dropout: float = 0.2
    learning_rate: float = 4e-4
    init_from: str = ""  # folder of an AlexNet to go on from.
    freeze_trunk: bool = False  # train the fully connected layers alone.
    descriptor_cache: str = ""  # .npz; "": descriptors.npz in the checkpoint folder.


@dataclasses.dataclass(frozen=True)
class AgeConfig:
    """Ageing of a folder of faces."""

    test_data_dir: str
    save_dir: str
    checkpoint_dir: str
    batch_size: int = 32
    groups: tuple[int, ...] = (1, 2, 3, 4)
    companions_dir: str = ""  # "": batch normalization by moving statistics.


@dataclasses.dataclass(frozen=True)
class EvaluateConfig:
    """A measurement of a checkpoint on faces that it was not trained on."""

    data: DataConfig = DataConfig()
    checkpoint_dir: str = "checkpoints/ipcgan_utkface_128"
    report_dir: str = "report"
    split: str = "test"
    num_faces: int = 200
    seed: int = 0
    max_source_age: int = 0  # years; 0: all.
