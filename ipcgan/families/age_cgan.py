"""Age-cGAN's recipe and network sizes, as dataclasses; loads no Keras."""

import dataclasses

from ipcgan import config
from ipcgan.families import fields
from ipcgan.families.family import Family
from ipcgan.families.fields import loss_weight, network, optimisation, regularisation

STRIDES = 16  # of an image, of four blocks that halve or double it.


@dataclasses.dataclass(frozen=True)
class AgeCGANRecipe:
    """Loss weights, optimisation and regularisation of Age-cGAN.

    They are the paper's. What it does not have is off.

    Source: Antipov, Baccouche, Dugelay, "Face Aging with Conditional Generative
    Adversarial Networks", ICIP 2017; rates of Radford, Metz, Chintala, ICLR 2016.
    """

    learning_rate: float = optimisation(
        2e-4, "Learning rate of Adam for generator and discriminator, as in DCGAN."
    )
    horizontal_flip: bool = regularisation(True, "Mirror half of the faces.")
    encoder_pairs: int = optimisation(
        100_000,
        "Number of pairs (latent vector, its face), each drawn once, that the encoder "
        "is trained on after the generator.",
    )
    encoder_learning_rate: float = optimisation(
        1e-3,
        "Learning rate of Adam for the encoder; it falls to a twentieth, as a cosine.",
    )
    real_label: float = regularisation(
        1.0,
        "Label of real faces in the discriminator's loss; 0.9 is one-sided label "
        "smoothing.",
    )
    mismatched_loss_weight: float = loss_weight(
        0.0,
        "Weight of the discriminator's loss on real faces with a wrong age group; 0: "
        "none. 1 makes it look at the age.",
    )
    average_momentum: float = optimisation(
        0.0,
        "Momentum of the moving average of the generator's weights, which samples and "
        "test.py use; 0: the weights themselves.",
    )


@dataclasses.dataclass(frozen=True)
class AgeCGANSizes:
    """Sizes of the networks."""

    image_size: int = network(
        64,
        "Height and width of the faces, in pixels. A multiple of 16; published: 64.",
        high=fields.MAX_IMAGE_SIZE,
    )
    num_groups: int = network(
        6, "Number of age groups; --age_groups sets it.", high=100, has_flag=False
    )
    latent_size: int = network(
        100, "Length of the latent vector; published: 100.", high=4096
    )
    generator_filters: int = network(
        64,
        "Filters of the generator's last block; those before it have 2, 4 and 8 times "
        "as many.",
        high=512,
    )
    discriminator_filters: int = network(
        64,
        "Filters of the discriminator's first block; the next three have 2, 4 and 8 "
        "times as many.",
        high=512,
    )
    encoder_filters: int = network(
        32,
        "Filters of the encoder's first block; the next three have 2, 4 and 8 times "
        "as many.",
        high=512,
    )
    encoder_units: int = network(
        1024, "Units of the first of the encoder's two dense layers.", high=8192
    )

    def __post_init__(self):
        fields.check_sizes(self)
        if self.image_size % STRIDES:
            raise config.ConfigError(
                f"image_size must be a multiple of {STRIDES} (four blocks that halve "
                f"it): {self.image_size}."
            )


FAMILY = Family(
    sizes=AgeCGANSizes,
    recipe=AgeCGANRecipe,
    age_groups="published",
    batch_size=64,
    stages=("gan", "encoder"),
    module="ipcgan.objectives.age_cgan",
)
