"""The published IPCGAN in PyTorch, written straight: what a step is compared with.

The only file that imports PyTorch, which nothing else needs. Layers have the names of
those of `models.ipcgan` and `models.alexnet`, whose weights `copy_weights` takes over.
"""

import keras
import numpy as np
import torch
from torch import nn
from torch.nn import functional

from ipcgan.batch import FaceBatch
from ipcgan.layers.image_range import MEAN


class Generator(nn.Module):
    """See models.ipcgan.build_generator; images are [N, 3, S, S]."""

    def __init__(self, filters: int, blocks: int, num_groups: int):
        super().__init__()
        self.num_groups, self.blocks = num_groups, blocks
        self._convolution("stem", 3 + num_groups, filters, 7)
        self._convolution("down1", filters, 2 * filters, 3)
        self._convolution("down2", 2 * filters, 4 * filters, 3)
        for index in range(blocks):
            for number in (1, 2):
                name = f"residual{index}_conv{number}"
                self._convolution(name, 4 * filters, 4 * filters, 3)
        for index, (before, after) in enumerate(((4, 2), (2, 1)), start=1):
            up = nn.ConvTranspose2d(before * filters, after * filters, 3, 2)
            self.add_module(f"up{index}", up)
            self.add_module(f"up{index}_norm", _norm(after * filters))
        self.to_rgb = nn.Conv2d(filters, 3, 7)

    def _convolution(self, name, before, after, kernel):
        self.add_module(name, nn.Conv2d(before, after, kernel))
        self.add_module(f"{name}_norm", _norm(after))

    def _normalized(self, x, name, stride=1):
        x = _convolved(x, getattr(self, name), stride)
        return getattr(self, f"{name}_norm")(x)

    def forward(self, image, group):
        """Returns aged faces, [N, 3, S, S] in [-1, 1]."""
        x = _with_group(image, group, self.num_groups)
        x = functional.relu(self._normalized(x, "stem"))
        x = functional.relu(self._normalized(x, "down1", 2))
        x = functional.relu(self._normalized(x, "down2", 2))
        for index in range(self.blocks):
            y = functional.relu(self._normalized(x, f"residual{index}_conv1"))
            x = x + self._normalized(y, f"residual{index}_conv2")
        for name in ("up1", "up2"):
            x = getattr(self, name)(x)[..., :-1, :-1]
            x = functional.relu(getattr(self, f"{name}_norm")(x))
        return torch.tanh(_convolved(x, self.to_rgb))


class Discriminator(nn.Module):
    """See models.ipcgan.build_discriminator, "patch"."""

    def __init__(self, filters: int, num_groups: int, logit_channels: int):
        super().__init__()
        self.num_groups = num_groups
        self.dis_1 = nn.Conv2d(3, filters, 4)
        before = filters + num_groups
        for index, scale in ((2, 2), (3, 4), (4, 8)):
            self.add_module(f"dis_{index}", nn.Conv2d(before, scale * filters, 4))
            self.add_module(f"dis_{index}_norm", _norm(scale * filters))
            before = scale * filters
        self.dis_5 = nn.Conv2d(before, logit_channels, 4)

    def forward(self, image, group):
        """Returns logits, [N, C, S/8, S/8]."""
        x = functional.leaky_relu(_convolved(image, self.dis_1, 2), 0.2)
        x = _with_group(x, group, self.num_groups)
        for index, stride in ((2, 2), (3, 2), (4, 1)):
            x = _convolved(x, getattr(self, f"dis_{index}"), stride)
            x = functional.leaky_relu(getattr(self, f"dis_{index}_norm")(x), 0.2)
        return _convolved(x, self.dis_5)


class AlexNet(nn.Module):
    """See models.alexnet.build_alexnet; of its outputs, those that the paper reads."""

    def __init__(self, trunk_size: int, units: int, num_groups: int, scale: float):
        super().__init__()
        self.trunk_size, self.scale = trunk_size, scale
        self.conv1 = nn.Conv2d(3, 96, 11, 4)
        self.conv2 = nn.Conv2d(96, 256, 5, padding=2, groups=2)
        self.conv3 = nn.Conv2d(256, 384, 3, padding=1)
        self.conv4 = nn.Conv2d(384, 384, 3, padding=1, groups=2)
        self.conv5 = nn.Conv2d(384, 256, 3, padding=1, groups=2)
        # Of PyTorch's, alpha is divided by the size.
        self.norm = nn.LocalResponseNorm(5, alpha=5 * 2e-5, beta=0.75, k=1.0)
        self.age_fc6 = nn.Linear(6 * 6 * 256, units)
        self.age_fc7 = nn.Linear(units, units)
        self.age_fc8 = nn.Linear(units, num_groups)
        self.register_buffer("mean", torch.tensor(MEAN).reshape(1, 3, 1, 1))

    def forward(self, image):
        """Returns (conv5 [N, 256, 13, 13], age logits [N, K])."""
        size = (self.trunk_size, self.trunk_size)
        x = functional.interpolate(image, size, mode="bilinear", align_corners=False)
        x = ((x + 1.0) * 127.5 - self.mean) * self.scale
        for convolution in (self.conv1, self.conv2):
            x = functional.max_pool2d(functional.relu(convolution(x)), 3, 2)
            x = self.norm(x)
        x = functional.relu(self.conv3(x))
        x = functional.relu(self.conv4(x))
        conv5 = functional.relu(self.conv5(x))
        x = functional.max_pool2d(conv5, 3, 2).flatten(1)
        x = functional.relu(self.age_fc6(x))
        return conv5, self.age_fc8(functional.relu(self.age_fc7(x)))


class Step:
    """A training step of the published losses.

    Args:
        networks: the Keras networks of the same run, whose weights are taken over:
            generator, discriminator and alexnet.
        sizes: families.ipcgan.IPCGANSizes, published ones.
        recipe: families.ipcgan.IPCGANRecipe, published: its weights and rates.
        batch: the faces.
        channels_last: whether images lie in memory pixel by pixel.
    """

    def __init__(self, networks, sizes, recipe, batch: FaceBatch, channels_last: bool):
        self._layout = torch.channels_last if channels_last else torch.contiguous_format
        self._recipe = recipe
        self._generator = self._same(
            Generator(sizes.generator_filters, sizes.residual_blocks, sizes.num_groups),
            networks["generator"],
        )
        self._discriminator = self._same(
            Discriminator(
                sizes.discriminator_filters, sizes.num_groups, sizes.logit_channels
            ),
            networks["discriminator"],
        )
        alexnet = networks["alexnet"]
        pixels = alexnet.get_layer("mean_subtracted")
        units = alexnet.get_layer("age_fc6").units
        self._alexnet = self._same(
            AlexNet(pixels.size, units, sizes.num_groups, pixels.scale), alexnet
        )
        self._alexnet.eval().requires_grad_(False)
        self._feature_scale = float(alexnet.get_layer("conv5_scale").scale)
        self._optimizers = {
            network: torch.optim.Adam(network.parameters(), rate, (0.5, 0.999), 1e-8)
            for network, rate in (
                (self._generator, recipe.learning_rate),
                (
                    self._discriminator,
                    recipe.discriminator_learning_rate or recipe.learning_rate,
                ),
            )
        }
        self._source, self._target = (
            self._image(each) for each in (batch.source_image, batch.target_image)
        )
        self._group, self._wrong = (
            torch.tensor(np.asarray(each), dtype=torch.int64)
            for each in (batch.target_group, batch.wrong_group)
        )

    def _same(self, network, model):
        copy_weights(model, network)
        return network.to(memory_format=self._layout)

    def _image(self, image):
        image = torch.tensor(np.moveaxis(np.asarray(image), -1, 1))
        return image.contiguous(memory_format=self._layout)

    def run(self) -> tuple[float, float]:
        """Does a step; returns what the generator and the discriminator lost."""
        generator_loss, aged = self._update_generator()
        return generator_loss, self._update_discriminator(aged)

    def _update_generator(self):
        recipe = self._recipe
        self._discriminator.requires_grad_(False)
        aged = self._generator(self._source, self._group)
        fake = self._discriminator(aged, self._group)
        after, logits = self._alexnet(aged)
        with torch.no_grad():
            before, _ = self._alexnet(self._source)
        distance = self._feature_scale * (after - before)
        loss = (
            recipe.gan_loss_weight * 0.5 * (fake - 1.0).square().mean()
            + recipe.fea_loss_weight * distance.square().sum((1, 2, 3)).mean()
            + recipe.age_loss_weight * functional.cross_entropy(logits, self._group)
        )
        self._discriminator.requires_grad_(True)
        return self._update(self._generator, loss), aged.detach()

    def _update_discriminator(self, aged):
        judge = self._discriminator
        real = judge(self._target, self._group)
        mismatched = judge(self._target, self._wrong)
        fake = judge(aged, self._group)
        rejected = mismatched.square().mean() + fake.square().mean()
        loss = 0.5 * ((real - 1.0).square().mean() + 0.5 * rejected)
        return self._update(judge, self._recipe.gan_loss_weight * loss)

    def _update(self, network, loss):
        optimizer = self._optimizers[network]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()


def copy_weights(model: keras.Model, network: nn.Module) -> None:
    """Gives a PyTorch network the weights of the Keras network of the same layers."""
    found = dict(network.named_children())
    with torch.no_grad():
        for name, layer in found.items():
            if isinstance(layer, nn.LocalResponseNorm):
                continue
            values = _values(model, name, getattr(layer, "groups", 1))
            own = [layer.weight, layer.bias]
            if isinstance(layer, nn.BatchNorm2d):
                own += [layer.running_mean, layer.running_var]
            else:
                values[0] = _kernel(values[0], layer, name)
            for mine, value in zip(own, values, strict=True):
                mine.copy_(torch.tensor(np.ascontiguousarray(value)))


def _values(model, name, groups) -> list[np.ndarray]:
    """Returns the weights of a layer; of a grouped one those of its parts, in one."""
    names = [f"{name}_group{index}" for index in range(groups)]
    if groups == 1:
        names = [name]
    parts = [model.get_layer(each).get_weights() for each in names]
    return [np.concatenate(each, axis=-1) for each in zip(*parts, strict=True)]


def _kernel(value, layer, name):
    if isinstance(layer, nn.Linear):
        if name == "age_fc6":  # Keras flattens channels last.
            value = value.reshape(6, 6, 256, -1).transpose(2, 0, 1, 3)
            value = value.reshape(-1, value.shape[-1])
        return value.T
    return value.transpose(3, 2, 0, 1)  # A transposed one has both the other way.


def _norm(filters):
    return nn.BatchNorm2d(filters, eps=1e-3, momentum=0.1)


def _with_group(features, group, num_groups):
    one_hot = functional.one_hot(group, num_groups).to(features.dtype)
    maps = one_hot[:, :, None, None].expand(-1, -1, *features.shape[2:])
    return torch.cat([features, maps], 1)


def _convolved(x, layer, stride=1):
    """Convolves with "same" padding, of which an odd pixel is below and to the right.

    Height and width are multiples of the stride.
    """
    padding = layer.kernel_size[0] - stride
    if padding % 2:
        x = functional.pad(x, (padding // 2, padding // 2 + 1) * 2)
        return functional.conv2d(x, layer.weight, layer.bias, stride)
    return functional.conv2d(x, layer.weight, layer.bias, stride, padding // 2)
