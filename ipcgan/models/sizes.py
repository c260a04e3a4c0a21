"""Sizes of each family's networks, and what they may be.

Apart from the networks, so that a program can check a recipe without loading Keras.
"""

import dataclasses

from ipcgan import config

MAX_IMAGE_SIZE = 1024  # pixels; a checkpoint that asks for more is refused.
AGE_CGAN_STRIDES = 16  # of an image, of four blocks that halve or double it.
RESIDUAL_LAST_SIDE = 4  # pixels, of the discriminator's last map.


@dataclasses.dataclass(frozen=True)
class IPCGANSizes:
    """Sizes of the networks; the defaults are the authors'."""

    image_size: int = 128  # pixels, height and width.
    num_groups: int = 5
    generator_filters: int = 32  # of the first convolution; doubles twice.
    residual_blocks: int = 6
    discriminator_filters: int = 64  # of the first convolution; doubles three times.
    # Channels of the discriminator's logits. A patch discriminator has 1; the
    # authors' last layer has 512, with which others saw training collapse.
    logit_channels: int = 1
    # "patch" as published, of the image. "residual": of the image, a branch for each
    # group, no normalization, for --gradient_penalty_weight. "face_features": of layers
    # of the frozen face AlexNet. "texture_features": of a frozen SqueezeNet's maps,
    # mixed, a branch for each group. What is frozen need not be learnt first.
    discriminator: str = "patch"
    # True for the authors' weights: their generator reads 0..255 pixels minus a mean,
    # so it converts its [-1, 1] input first. It has no more parameters for that.
    reads_mean_subtracted: bool = False
    # "image" as published, or "change": the last layer's output, a little smoothed, is
    # added to the input, and is nothing at first. What does not age is then left as
    # sharp as it was, and copying need not be learnt. The same weights in number and
    # shape.
    generator_output: str = "image"
    change_smoothing: int = 1  # how often (1, 2, 1) / 4 smooths the change.
    # How the generator doubles maps: "transposed" convolutions as published, which
    # write grids, or "bilinear", after a convolution: as many weights, and no grid.
    # Source: Odena, Dumoulin, Olah, "Deconvolution and Checkerboard Artifacts", 2016.
    upsampling: str = "transposed"

    def __post_init__(self):
        limits = {
            "image_size": MAX_IMAGE_SIZE,
            "num_groups": 100,
            "generator_filters": 256,
            "residual_blocks": 64,
            "discriminator_filters": 512,
            "logit_channels": 4096,
            "change_smoothing": 16,
        }
        config.check_counts(self, limits)
        if self.image_size % 4:
            raise config.ConfigError(
                "image_size must be a multiple of 4 (two stride-2 stages): "
                f"{self.image_size}."
            )
        for name, choices in (
            ("discriminator", config.DISCRIMINATORS),
            ("generator_output", config.GENERATOR_OUTPUTS),
            ("upsampling", config.UPSAMPLINGS),
        ):
            config.check_choice(self, name, choices)


@dataclasses.dataclass(frozen=True)
class AgeCGANSizes:
    """Sizes of the networks."""

    image_size: int = 64  # pixels, height and width, as published.
    num_groups: int = 6
    latent_size: int = 100  # numbers, as published.
    generator_filters: int = 64  # of the last block; doubles towards the first.
    discriminator_filters: int = 64  # of the first block; doubles three times.
    encoder_filters: int = 32  # of the first block; doubles three times.
    encoder_units: int = 1024  # of the first of two dense layers.

    def __post_init__(self):
        limits = {
            "image_size": MAX_IMAGE_SIZE,
            "num_groups": 100,
            "latent_size": 4096,
            "generator_filters": 512,
            "discriminator_filters": 512,
            "encoder_filters": 512,
            "encoder_units": 8192,
        }
        config.check_counts(self, limits)
        if self.image_size % AGE_CGAN_STRIDES:
            raise config.ConfigError(
                f"image_size must be a multiple of {AGE_CGAN_STRIDES} (four blocks "
                f"that halve it): {self.image_size}."
            )


@dataclasses.dataclass(frozen=True)
class RAGANSizes:
    """Sizes of the networks."""

    image_size: int = 64  # pixels, height and width; published: 256.
    num_groups: int = 10
    generator_filters: int = 32  # of the first convolution; doubles up to 8 times that.
    encoder_blocks: int = 3  # that halve; as many of the decoder double.
    residual_blocks: int = 1  # after the encoder's, before the decoder's.
    modulator_blocks: int = 2  # that halve.
    age_vector_size: int = 128  # numbers.
    discriminator_filters: int = 32  # of the first; doubles up to 8 times that.
    face_mask: str = "dlib"  # one of config.FACE_MASKS: whose crops the faces are.
    generator_output: str = "image"  # or "change", which is added to the input.

    def __post_init__(self):
        limits = {
            "image_size": MAX_IMAGE_SIZE,
            "num_groups": 100,
            "generator_filters": 256,
            "encoder_blocks": 8,
            "residual_blocks": 16,
            "modulator_blocks": 8,
            "age_vector_size": 4096,
            "discriminator_filters": 256,
        }
        config.check_counts(self, limits)
        least = max(
            2 * RESIDUAL_LAST_SIDE, 2 ** (self.encoder_blocks + self.modulator_blocks)
        )
        if self.image_size < least or self.image_size & (self.image_size - 1):
            raise config.ConfigError(
                f"image_size must be a power of two, such as 64, 128 or 256, and at "
                f"least {least} (blocks that halve it): {self.image_size}."
            )
        config.check_choice(self, "face_mask", config.FACE_MASKS)
        config.check_choice(self, "generator_output", config.GENERATOR_OUTPUTS)


# By the name of the family.
SIZES = {"ipcgan": IPCGANSizes, "age_cgan": AgeCGANSizes, "ragan": RAGANSizes}
