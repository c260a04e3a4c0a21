"""The authors' TensorFlow 1 checkpoints -> folders that this package reads.

The `*_variables` functions, and nothing else, map their variables to our layers. Both
sides store a convolution's kernel as [h, w, in, out] and a transposed one's as [h, w,
out, in], and both flatten pool5 in the order [h, w, C], so no value moves within an
array.

Source: names and shapes as in the authors' models.py and tools/ops.py; 172 variables
of the generator and 34 of the discriminator, zero-debias state included, as in the
index file of their acgan.model-399999. The values of their files were never at hand,
nor any file of their AlexNets: there, extra variables are reported, not refused.
"""

import contextlib
import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from absl import logging

from ipcgan import atomic, checkpoints, face_networks
from ipcgan.age_groups import CACD
from ipcgan.checkpoints import CheckpointError
from ipcgan.models import ipcgan as ipcgan_models
from ipcgan.models.alexnet import AlexNetSizes, build_alexnet
from ipcgan.models.ipcgan import IPCGANSizes
from ipcgan.runs.weights import checks

SOURCE = (
    "https://github.com/dawei6875797/Face-Aging-with-Identity-Preserved-Conditional-"
    "Generative-Adversarial-Networks"
)
COMPANIONS_NOTE = (
    "The authors' batch normalization uses the statistics of the batch, also when "
    "ageing: 1 face and 31 training faces. For results like theirs give test.py "
    "--train_data_dir with such faces; without, it uses the moving statistics."
)
RELEASE_SIZES = IPCGANSizes(logit_channels=512, reads_mean_subtracted=True)
RELEASE_ALEXNET_SIZES = AlexNetSizes()

# State of the moving averages and of the optimizers, of no use to a finished network.
_BOOKKEEPING = re.compile(r"/(biased|local_step|Adam|Adam_1|Momentum)(_\d+)?$")

# The authors' variable, and those of ours that share its last axis in equal parts.
Pair = tuple[str, tuple[str, ...]]


def import_generator(
    prefix: str, save_dir: str, sizes: IPCGANSizes = RELEASE_SIZES
) -> None:
    """Writes a checkpoint folder for FaceAger from the authors' acgan.model-STEP.

    The discriminator is written too, where the file has one.

    Args:
        prefix: path of the checkpoint without ".index".
        save_dir: the new folder.
        sizes: of the networks in the file.

    Raises:
        CheckpointError: if the file cannot be read or does not fit, naming the
            variables, or `save_dir` is there already or cannot be written.
    """
    with _new_folder(Path(save_dir)) as folder:
        arrays = _read(prefix)
        networks = {"generator": ipcgan_models.build_generator(sizes)}
        pairs = {"generator": list(generator_variables(sizes.residual_blocks))}
        if any(name.startswith("discriminator/") for name in arrays):
            networks["discriminator"] = ipcgan_models.build_discriminator(sizes)
            pairs["discriminator"] = list(discriminator_variables())
        else:
            sizes = dataclasses.replace(sizes, logit_channels=1)  # As by default.
        for name, network in networks.items():
            extra = _extra(arrays, pairs[name], scope=name)
            _assign(network, arrays, pairs[name], prefix, refused=extra)
            checkpoints.save_weights(network, folder, name)
        described = {
            "family": "ipcgan",
            "sizes": dataclasses.asdict(sizes),
            "groups": list(CACD.names),
            "note": COMPANIONS_NOTE,
        }
        checkpoints.write_json(
            folder / checkpoints.CONFIG, {**described, **_origin(prefix)}
        )
    logging.info("%s written to %s. %s", ", ".join(networks), save_dir, COMPANIONS_NOTE)


def import_alexnet(
    prefix: str,
    age_prefix: str,
    save_dir: str,
    sizes: AlexNetSizes = RELEASE_ALEXNET_SIZES,
) -> None:
    """Writes a face AlexNet folder from the authors' two checkpoints.

    Args:
        prefix: of the identity network, alexnet.model-STEP, without ".index".
        age_prefix: of the age head, age_classifier.model-STEP, likewise.
        save_dir: the new folder.
        sizes: of the network in the files.

    Raises:
        CheckpointError: as import_generator.
    """
    with _new_folder(Path(save_dir)) as folder:
        alexnet = build_alexnet(sizes)
        parts = ((prefix, identity_variables()), (age_prefix, age_variables()))
        for file, variables in parts:
            arrays, pairs = _read(file), list(variables)
            _assign(alexnet, arrays, pairs, file)
            logging.info("%s: not needed: %s.", file, _extra(arrays, pairs) or "none")
        face_networks.write(alexnet, sizes, folder, _origin(prefix, age_prefix))
    logging.info("Face AlexNet written to %s.", save_dir)


def generator_variables(residual_blocks: int) -> Iterator[Pair]:
    """Yields where each variable of the authors' generator goes."""
    for number, ours in enumerate(("stem", "down1", "down2"), start=1):
        yield from _convolution(f"generator/conv{number}", ours)
        yield from _normalization(f"generator/bn{number}", f"{ours}_norm")
    for block in range(residual_blocks):
        for number in (1, 2):
            scope = f"generator/unit_{block}/sub{number}"
            ours = f"residual{block}_conv{number}"
            yield from _convolution(f"{scope}/conv{number}", ours)
            yield from _normalization(f"{scope}/bn{number}", f"{ours}_norm")
    for number in (1, 2):
        yield from _convolution(f"generator/deconv{number}", f"up{number}")
        yield from _normalization(f"generator/bn{number + 3}", f"up{number}_norm")
    yield from _convolution("generator/conv4", "to_rgb")


def discriminator_variables() -> Iterator[Pair]:
    """Yields where each variable of the authors' discriminator goes."""
    # Theirs are numbered from 0, and the first convolution has no number.
    yield from _convolution("discriminator/dis", "dis_1")
    for number in (1, 2, 3, 4):
        yield from _convolution(f"discriminator/dis_{number}", f"dis_{number + 1}")
    for number in (0, 1, 2):
        scope = f"discriminator/dis_bn{number}"
        yield from _normalization(scope, f"dis_{number + 2}_norm")


def identity_variables() -> Iterator[Pair]:
    """Yields where each variable of the authors' identity AlexNet goes."""
    for name in ("conv1", "conv3", "fc6", "fc7", "new_1", "new_2"):
        yield from _convolution(f"alexnet/{name}", name)
    for name in ("conv2", "conv4", "conv5"):  # Those with two groups.
        yield from _convolution(f"alexnet/{name}", f"{name}_group0", f"{name}_group1")


def age_variables() -> Iterator[Pair]:
    """Yields where each variable of the authors' age head goes."""
    for name in ("age_fc6", "age_fc7", "age_fc8"):
        yield from _convolution(f"alexnet/{name}", name)


def _convolution(scope, *layers):
    """Of a convolution or a fully connected layer."""
    yield f"{scope}/weights", tuple(f"{layer}/kernel" for layer in layers)
    yield f"{scope}/biases", tuple(f"{layer}/bias" for layer in layers)


def _normalization(scope, layer):
    for name in ("gamma", "beta", "moving_mean", "moving_variance"):
        yield f"{scope}/{name}", (f"{layer}/{name}",)


def _read(prefix):
    """Reads {name: array} or says what is there instead."""
    checks.check_release(prefix)
    from ipcgan.training import step_tensorflow  # Whichever backend Keras runs.

    # IndexError: of a file that was cut off.
    broken = (step_tensorflow.tf.errors.OpError, ValueError, IndexError, RuntimeError)
    try:
        return step_tensorflow.read_checkpoint(prefix)
    except broken as error:
        raise CheckpointError(f"{prefix}: cannot be read: {error}") from error


def _extra(arrays, pairs, scope=""):
    """Returns names in `scope` that go nowhere, without bookkeeping."""
    known = {name for name, _ in pairs}
    return [
        name
        for name in sorted(arrays.keys() - known)
        if name.startswith(scope) and not _BOOKKEEPING.search(name)
    ]


def _assign(network, arrays, pairs, prefix, refused=()):
    """Assigns all or nothing; `refused` are names that must not be in the file."""
    variables = {
        f"{layer.name}/{variable.name}": variable
        for layer in network.layers
        for variable in layer.weights
    }
    problems = []
    for name, targets in pairs:
        parts = [variables[target].shape for target in targets]
        expected = (*parts[0][:-1], sum(part[-1] for part in parts))
        if name not in arrays:
            problems.append(f"{name}: expected {expected}, not in the file")
        elif arrays[name].shape != expected:
            problems.append(f"{name}: expected {expected}, found {arrays[name].shape}")
    problems += [f"{name}: unexpected, {arrays[name].shape}" for name in refused]
    if problems:
        listed = "\n  ".join(problems)
        raise CheckpointError(f"{prefix}: does not fit {network.name}:\n  {listed}")
    for name, targets in pairs:
        parts = np.split(arrays[name], len(targets), axis=-1)
        for target, part in zip(targets, parts, strict=True):
            variables[target].assign(part)


def _origin(*prefixes):
    """Returns what config.json says of where the weights came from."""
    names = [Path(prefix).name for prefix in prefixes]
    return {"imported_from": {"release": SOURCE, "files": names}}


@contextlib.contextmanager
def _new_folder(save_dir):
    """Yields a temporary folder that is renamed to `save_dir` if all goes well."""
    save_dir = save_dir.absolute()
    try:
        checks.check_new(save_dir)
        with atomic.new_folder(save_dir) as partial:
            yield partial
    except OSError as error:
        raise CheckpointError(f"{save_dir}: cannot be written: {error}.") from error
