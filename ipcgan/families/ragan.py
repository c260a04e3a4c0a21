"""RAGAN's recipe and network sizes, as dataclasses; loads no Keras."""

import dataclasses

from ipcgan import config
from ipcgan.families import fields
from ipcgan.families.family import Family
from ipcgan.families.fields import loss_weight, network, optimisation, regularisation

RESIDUAL_LAST_SIDE = 4  # pixels, of a residual discriminator's last map.


@dataclasses.dataclass(frozen=True)
class RAGANRecipe:
    """Loss weights, optimisation and regularisation of Re-Aging GAN.

    They are the paper's, but for what is marked as ours.

    Source: Makhmudkhujaev, Hong, Park, "Re-Aging GAN: Toward Personalized Face Age
    Transformation", ICCV 2021.
    """

    gan_loss_weight: float = loss_weight(
        1.0, "Weight of the adversarial loss, of generator and discriminator alike."
    )
    # Ours: StarGAN v2's, whose discriminator it is.
    gradient_penalty_weight: float = regularisation(
        1.0,
        "Weight of R1, the gradient penalty on real faces, computed every 16th step; "
        "0: none.",
    )
    reconstruction_loss_weight: float = loss_weight(
        10.0,
        "Weight, in the early stage, of the mean absolute error between a face and "
        "itself aged to its own group; 0: none.",
    )
    late_reconstruction_loss_weight: float = loss_weight(
        1.0,
        "Weight, in the late stage, of the mean absolute error between a face and "
        "itself aged to its own group; 0: none.",
    )
    # Published: 10 epochs of 30.
    early_share: float = optimisation(
        1 / 3,
        "Share of --max_steps, but for --template_steps, that is the early stage; "
        "the rest is the late one.",
    )
    cycle_loss_weight: float = loss_weight(
        1.0,
        "Weight of the mean absolute error between a face and itself aged and aged "
        "back; 0: none.",
    )
    learning_rate: float = optimisation(
        1e-4, "Learning rate of Adam for both networks, as published."
    )
    # The paper has a schedule and does not say which. Ours.
    learning_rate_decay: bool = optimisation(
        True, "Let the learning rate fall to a twentieth, as a cosine over the run."
    )
    # Ours: StarGAN v2's.
    average_momentum: float = optimisation(
        0.999,
        "Momentum of the moving average of the generator's weights, which samples and "
        "test.py use; 0: the weights themselves.",
    )
    # Ours: StarGAN v2's.
    horizontal_flip: bool = regularisation(True, "Mirror half of the faces.")
    # Ours: faces are aged later without a map.
    segmentation_share: float = regularisation(
        0.5,
        "Share of the faces with a segmentation map that are shown with it; all "
        "others are shown with the ellipse of --face_mask.",
    )
    # Ours, and off; so are the prototypes.
    mismatched_loss_weight: float = loss_weight(
        0.0,
        "Weight of the discriminator's loss on real faces shown as if they had been "
        "aged to the target group; 0: none. It penalises a generator that copies.",
    )
    prototype_loss_weight: float = fields.prototype_loss_weight()
    prototype_strength: float = fields.prototype_strength()
    template_steps: int = fields.template_steps()


@dataclasses.dataclass(frozen=True)
class RAGANSizes:
    """Sizes of the networks."""

    image_size: int = network(
        64,
        "Height and width of the faces, in pixels. A power of two; published: 256.",
        high=fields.MAX_IMAGE_SIZE,
    )
    num_groups: int = network(
        10, "Number of age groups; --age_groups sets it.", high=100, has_flag=False
    )
    generator_filters: int = network(
        32,
        "Filters of the generator's first convolution; they double up to 8 times as "
        "many. Half of it takes about a third of the time.",
        high=256,
    )
    encoder_blocks: int = network(
        3,
        "Blocks of the generator's encoder, each of which halves the maps; as many of "
        "the decoder double them.",
        high=8,
    )
    residual_blocks: int = network(
        1,
        "Residual blocks at the end of the generator's encoder and at the start of its "
        "decoder.",
        high=16,
    )
    modulator_blocks: int = network(
        2, "Blocks of the age modulator, each of which halves the maps.", high=8
    )
    age_vector_size: int = network(
        128, "Length of the age-aware vector that the modulator makes.", high=4096
    )
    discriminator_filters: int = network(
        32,
        "Filters of the discriminator's first convolution; they double up to 8 times "
        "as many.",
        high=256,
    )
    face_mask: str = network(
        "dlib",
        "Where the crops have the head; what is outside is not aged. dlib: an ellipse "
        "for crops like UTKFace's. ffhq: one for crops like FFHQ's. none: the whole "
        "picture is aged.",
        choices=("dlib", "ffhq", "none"),
    )
    generator_output: str = network(
        "image",
        "What the generator makes. image: the aged face, as published. change: what "
        "is added to the input, so that copying need not be learnt.",
        choices=("image", "change"),
    )
    templates: int = fields.templates()
    warps: bool = fields.warps()
    contrasts: bool = fields.contrasts()
    thumbnail: bool = fields.thumbnail()
    blend_share: float = fields.blend_share()
    blend_share_younger: float = fields.blend_share_younger()

    def blended(self) -> "RAGANSizes":
        """Returns the sizes of the Re-Aging GAN that templates are blended with."""
        return dataclasses.replace(
            self,
            templates=0,
            warps=False,
            contrasts=False,
            thumbnail=False,
            blend_share=0.0,
            blend_share_younger=0.0,
        )

    def __post_init__(self):
        fields.check_sizes(self)
        fields.check_templates(self)
        least = max(
            2 * RESIDUAL_LAST_SIDE, 2 ** (self.encoder_blocks + self.modulator_blocks)
        )
        if self.image_size < least or self.image_size & (self.image_size - 1):
            raise config.ConfigError(
                f"image_size must be a power of two, such as 64, 128 or 256, and at "
                f"least {least} (blocks that halve it): {self.image_size}."
            )


FAMILY = Family(
    sizes=RAGANSizes,
    recipe=RAGANRecipe,
    age_groups="ffhq_aging",
    batch_size=8,
    stages=("templates", "early", "late"),
    module="ipcgan.objectives.ragan",
)
