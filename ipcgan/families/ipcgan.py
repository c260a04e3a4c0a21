"""IPCGAN's recipe and network sizes, as dataclasses; loads no Keras."""

import dataclasses

from ipcgan import config
from ipcgan.families import fields
from ipcgan.families.family import Family
from ipcgan.families.fields import loss_weight, network, optimisation, regularisation
from ipcgan.families.ragan import RAGANSizes


@dataclasses.dataclass(frozen=True)
class IPCGANRecipe:
    """Loss weights, optimisation and regularisation of IPCGAN.

    The weights are those in the name of the authors' released model,
    0_conv5_lsgan_transfer_g75_0.5f-4_a30. What the paper does not have is off.
    """

    gan_loss_weight: float = loss_weight(
        75.0, "Weight of the adversarial loss, of generator and discriminator alike."
    )
    fea_loss_weight: float = loss_weight(
        0.5e-4,
        "Weight of the identity loss: the squared distance between the features of an "
        "aged face and its source, summed over the layer --fea_layer_name. The face "
        "AlexNet scales its features so that 0.5e-4 means what it does in the paper.",
    )
    age_loss_weight: float = loss_weight(
        30.0, "Weight of the age classifier's cross entropy on aged faces."
    )
    tv_loss_weight: float = loss_weight(
        0.0,
        "Weight of the total variation of aged faces; 0: none. (The authors' code "
        "ignores its flag of this name.)",
    )
    fea_layer_name: str = loss_weight(
        "conv5",
        "Layer of the face AlexNet whose features the identity loss compares.",
        choices=config.FEATURE_LAYERS,
    )
    learning_rate: float = optimisation(
        3e-4,
        "Learning rate of Adam. The authors' 1e-3 is for batches of 32; with 8 the "
        "losses oscillate.",
    )
    discriminator_learning_rate: float = optimisation(
        0.0, "Learning rate of the discriminator; 0: that of --learning_rate."
    )
    gradient_penalty_weight: float = regularisation(
        0.0,
        "Weight of R1, the gradient penalty on real faces, computed every 16th step; "
        "0: none. It needs --discriminator=residual.",
    )
    matched_targets: bool = regularisation(
        False,
        "Compare each aged face with real faces of its source's gender and, if there "
        "are enough, race, so that only age tells them apart.",
    )
    years_loss_weight: float = loss_weight(
        0.0,
        "Weight of the squared error, in decades, between the age read from an aged "
        "face and that of real faces of the target group; 0: none. It needs a teacher "
        "pretrained with --task=years.",
    )
    descriptor_loss_weight: float = loss_weight(
        0.0,
        "Weight of the squared distance between the identity descriptors of an aged "
        "face and its source; 0: none. It needs a teacher pretrained with "
        "--task=distill, or --identity_descriptor=dlib.",
    )
    descriptor_margin: float = loss_weight(
        0.0,
        "Squared distance of descriptors up to which the descriptor loss is 0. Dlib "
        "takes two faces for one person up to 0.36.",
    )
    gender_loss_weight: float = loss_weight(
        0.0,
        "Weight of the KL divergence between the gender read from an aged face and "
        "from its source; 0: none. It needs a teacher pretrained with --task=gender.",
    )
    prototype_loss_weight: float = fields.prototype_loss_weight()
    prototype_strength: float = fields.prototype_strength()
    template_steps: int = fields.template_steps()
    reconstruction_loss_weight: float = loss_weight(
        0.0,
        "Weight of the mean absolute error between an aged face and its source where "
        "the target is the source's own group; 0: none. 50 keeps background and eyes.",
    )
    tone_loss_weight: float = loss_weight(
        0.0,
        "Weight of the mean absolute difference between an aged face and its source "
        "in colours averaged over blocks of 16 pixels; 0: none. 100 keeps skin tone "
        "and light.",
    )
    chroma_loss_weight: float = loss_weight(
        0.0,
        "Weight of the mean absolute difference between an aged face and its source "
        "in colour without brightness; 0: none. 100 prevents tints and coloured dots.",
    )
    own_group_share: float = regularisation(
        0.0,
        "Share of the faces whose target is their own age group, besides the 1 in 5 "
        "that are drawn by chance.",
    )
    learning_rate_decay: bool = optimisation(
        False,
        "Let learning rates fall to a twentieth, as a cosine over the run. The "
        "generator's first rises for 200 steps, while the discriminator learns.",
    )
    average_momentum: float = optimisation(
        0.0,
        "Momentum of the moving average of the generator's weights, which samples and "
        "test.py use; 0: the weights themselves.",
    )


@dataclasses.dataclass(frozen=True)
class IPCGANSizes:
    """Sizes of the networks; the defaults are the authors'."""

    image_size: int = network(
        128,
        "Height and width of the faces, in pixels. A multiple of 4.",
        high=fields.MAX_IMAGE_SIZE,
    )
    num_groups: int = network(
        5, "Number of age groups; --age_groups sets it.", high=100, has_flag=False
    )
    generator: str = network(
        "published",
        "Shape of the generator. published: six residual blocks at a quarter of the "
        "size. templates: none, but --templates.",
        choices=("published", "templates"),
    )
    generator_filters: int = network(
        32,
        "Filters of the generator's first convolution; they double with every halving.",
        high=256,
    )
    residual_blocks: int = network(
        6,
        "Residual blocks of the generator, which take three quarters of its time.",
        high=64,
    )
    discriminator_filters: int = network(
        64,
        "Filters of the discriminator's first convolution; the next three have 2, 4 "
        "and 8 times as many.",
        high=512,
    )
    logit_channels: int = network(
        1,
        "Channels of the patch discriminator's logits: 1, or the authors' 512, with "
        "which training has been seen to collapse.",
        high=4096,
    )
    discriminator: str = network(
        "patch",
        "Shape of the discriminator. patch: a PatchGAN that is told the age group, as "
        "published. residual: residual blocks without normalization, with a branch for "
        "each age group.",
        choices=("patch", "residual"),
    )
    reads_mean_subtracted: bool = network(
        False,
        "Convert the generator's input to 0..255 minus a mean, which the authors' "
        "weights need; it adds no weights.",
    )
    generator_output: str = network(
        "image",
        "What the generator's last layer makes. image: the aged face, as published. "
        "change: what is added to the input, so that what does not age stays sharp and "
        "copying need not be learnt.",
        choices=("image", "change"),
    )
    templates: int = fields.templates()
    warps: bool = fields.warps()
    contrasts: bool = fields.contrasts()
    thumbnail: bool = fields.thumbnail()
    # Source: Odena, Dumoulin, Olah, "Deconvolution and Checkerboard Artifacts", 2016.
    upsampling: str = network(
        "transposed",
        "How the generator doubles its maps. transposed: by transposed convolutions, "
        "as published, which leave grids. bilinear: by interpolation after a "
        "convolution, which leaves none.",
        choices=("transposed", "bilinear"),
    )
    blend_share: float = fields.blend_share()
    blend_share_younger: float = fields.blend_share_younger()

    def blended(self) -> RAGANSizes:
        """Returns the sizes of the Re-Aging GAN that is blended with.

        Raises:
            config.ConfigError: if it cannot have this image size.
        """
        return RAGANSizes(
            image_size=self.image_size,
            num_groups=self.num_groups,
            generator_output="change",
        )

    def __post_init__(self):
        fields.check_sizes(self)
        fields.check_templates(self)
        if self.blend_share:
            self.blended()
        if self.generator == "templates" and not self.templates:
            raise config.ConfigError("generator=templates needs --templates above 0.")
        if self.generator == "published" and self.image_size % 4:
            raise config.ConfigError(
                "image_size must be a multiple of 4 (2 stride-2 stages): "
                f"{self.image_size}."
            )


FAMILY = Family(
    sizes=IPCGANSizes,
    recipe=IPCGANRecipe,
    age_groups="cacd",
    batch_size=32,
    stages=("templates", "adversarial"),
    module="ipcgan.objectives.ipcgan",
    taught=True,
)
