"""What a config.json may say: values of other types, and sizes beyond all memory."""

import resource

import pytest

from ipcgan import checkpoints, config, families
from ipcgan.inference.ager import FaceAger
from ipcgan.models import parameters
from ipcgan.models.alexnet import AlexNetSizes, build_alexnet


@pytest.mark.parametrize("family", families.FAMILIES)
@pytest.mark.parametrize("value", [None, "128", [128], {"a": 1}, 1.5, True])
def test_a_size_of_another_type_is_named(value, family):
    kind = families.FAMILIES[family].sizes
    with pytest.raises(config.ConfigError, match="image_size: expected a whole"):
        config.from_json(kind, {"image_size": value})


def test_values_of_the_right_types_are_taken():
    run = config.from_json(
        config.InversionConfig, {"steps": 3, "learning_rate": 1, "bound": 2.5}
    )
    assert (run.steps, run.learning_rate, run.bound) == (3, 1, 2.5)
    with pytest.raises(config.ConfigError, match="method: expected a text"):
        config.from_json(config.InversionConfig, {"method": 1})
    with pytest.raises(config.ConfigError, match="mixed_precision: expected true"):
        config.from_json(config.RunConfig, {"mixed_precision": 1})
    assert config.from_json(config.RunConfig, {"mixed_precision": None}) == (
        config.RunConfig()
    )


def test_parameters_are_counted_without_memory():
    """By hand: a convolution's 3 x 3 x 3 x 8 + 8; a dense layer's 512 x 10 + 10."""
    import keras

    def build(_):
        image = keras.Input((8, 8, 3))
        x = keras.layers.Conv2D(8, 3, padding="same")(image)
        x = keras.layers.Dense(10)(keras.layers.Flatten()(x))
        return keras.Model(image, x)

    assert parameters.count(build, None) == 224 + 5130
    assert parameters.count(build_alexnet, AlexNetSizes()) < parameters.MAX_PARAMETERS
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    large = AlexNetSizes(trunk_size=1024, fully_connected=8192)  # 15 GB.
    assert parameters.count(build_alexnet, large) > 3 * 10**9
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert used < 100_000  # kB
    with pytest.raises(config.ConfigError, match="more than the 200,000,000"):
        parameters.check(build_alexnet, large)


def test_a_checkpoint_that_asks_for_all_memory_is_refused(tmp_path):
    sizes = {"image_size": 1024, "generator_filters": 512, "num_groups": 6}
    values = {"family": "age_cgan", "sizes": sizes, "groups": list("abcdef")}
    checkpoints.write_json(tmp_path / "config.json", values)
    with pytest.raises(checkpoints.CheckpointError, match="config.json: .*parameters"):
        FaceAger.from_checkpoint(tmp_path)
    # What was counted is not given values later, when another network is built.
    small = config.from_json(families.FAMILIES["age_cgan"].sizes, {"image_size": 16})
    families.FAMILIES["age_cgan"].implementation.build_generator(small)
