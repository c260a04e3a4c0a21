"""Pretrains the face AlexNet (or ResNet) that teaches a generator identity and age."""

from absl import flags

from ipcgan import config
from ipcgan.runs import cli, shared_flags
from ipcgan.runs.train import checks
from ipcgan.training.interruption import Interruption


def define_flags(values: flags.FlagValues = flags.FLAGS) -> None:
    """Declares this program's flags in `values`; tests pass their own."""
    default = config.PretrainConfig()
    shared_flags.define_data(default.data, values)
    shared_flags.define_run(default.run, values)
    flags.DEFINE_enum(
        "network",
        default.network,
        config.FACE_NETWORKS,
        "alexnet as published; face_resnet reads ages better, and takes the AlexNet's "
        "place by age_lsgan_transfer.py --age_pretrained_model.",
        flag_values=values,
    )
    flags.DEFINE_multi_enum(
        "task",
        list(default.tasks),
        config.PRETRAINING_TASKS,
        "What to learn; give it again to learn several things together. identity: who "
        "it is, for data with names (as published). distill: the descriptor of "
        "DeepFace's Dlib recogniser, for data without names. age: the age group. "
        "years: the age in years, by the same age head. gender: as the data set labels "
        "it.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "image_size",
        default.image_size,
        "Pixels to which faces are resized first, as the generator will make them.",
        lower_bound=32,
        flag_values=values,
    )
    flags.DEFINE_integer(
        "fully_connected",
        default.fully_connected,
        "Units of the AlexNet's fc6 and fc7; 4096 as published.",
        lower_bound=1,
        flag_values=values,
    )
    flags.DEFINE_float(
        "dropout",
        default.dropout,
        "Share of the heads' units (fc6 and fc7) that is dropped in training.",
        lower_bound=0.0,
        upper_bound=0.95,
        flag_values=values,
    )
    _define_learning(default, values)
    _define_distillation(default, values)


def _define_learning(default, values):
    """Declares how the network learns, and from which weights it starts."""
    flags.DEFINE_float(
        "learning_rate",
        default.learning_rate,
        "Of Adam, at its highest: a short rise, then cosine decay.",
        lower_bound=0.0,
        flag_values=values,
    )
    flags.DEFINE_float(
        "attack_radius",
        default.attack_radius,
        "Train on faces that are changed against the network, each by up to this much "
        "(L2 over all pixels in [-1, 1]): a network that no dots or tints deceive, and "
        "that teaches a generator what people see. 3 changes a pixel of 128x128 faces "
        "by 0.7 % of its range in the mean. Takes twice the time; 0: off.",
        lower_bound=0.0,
        flag_values=values,
    )
    flags.DEFINE_string(
        "init_from",
        default.init_from,
        "Folder of a network of the same kind to start from, such as RUN/final.",
        flag_values=values,
    )
    flags.DEFINE_bool(
        "freeze_trunk",
        default.freeze_trunk,
        "Leave the convolutions as they are in --init_from (as published for age).",
        flag_values=values,
    )


def _define_distillation(default, values):
    """Declares what --task=distill learns from."""
    flags.DEFINE_string(
        "descriptor_cache",
        default.descriptor_cache,
        "Folder in which the recogniser's descriptors are kept; by default "
        "--checkpoint_dir. Describing takes about 0.06 s a face.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "aged_dir",
        default.aged_dir,
        "Folder that test.py --align=never has written, of whose aged faces "
        "--task=distill learns the descriptor too: one that has seen real faces alone "
        "takes little notice of what a generator does to a face.",
        flag_values=values,
    )
    flags.DEFINE_float(
        "aged_share",
        default.aged_share,
        "Share of a batch that is aged faces, where there is --aged_dir.",
        lower_bound=0.0,
        upper_bound=0.9,
        flag_values=values,
    )


def pretrain_config(values: flags.FlagValues) -> config.PretrainConfig:
    """The only place where flags become a config."""
    return config.PretrainConfig(
        data=shared_flags.data_config(values),
        run=shared_flags.run_config(values),
        network=values.network,
        tasks=tuple(sorted(set(values.task))),
        image_size=values.image_size,
        fully_connected=values.fully_connected,
        dropout=values.dropout,
        learning_rate=values.learning_rate,
        attack_radius=values.attack_radius,
        init_from=values.init_from,
        freeze_trunk=values.freeze_trunk,
        descriptor_cache=values.descriptor_cache,
        aged_dir=values.aged_dir,
        aged_share=values.aged_share,
    )


def main(argv):
    """Parses nothing itself; hands the config to the run."""
    settings = pretrain_config(flags.FLAGS)
    cli.run(checks.check_pretraining, settings)
    from ipcgan.runs.train import pretrain  # Slow: it imports the backend.

    interruption = Interruption()
    cli.run(pretrain.pretrain, settings, interruption)
    cli.exit_if_interrupted(interruption.signal)


if __name__ == "__main__":
    cli.program(main, define_flags)
