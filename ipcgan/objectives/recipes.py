"""Loss weights and training aids of each family; numbers only, no networks.

Apart from the objectives, so that a program can show its flags without loading Keras.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class IPCGANRecipe:
    """Loss weights and training aids of IPCGAN.

    The weights are those in the name of the authors' released model,
    0_conv5_lsgan_transfer_g75_0.5f-4_a30. The aids are not in the paper, and off.
    """

    gan_loss_weight: float = 75.0
    fea_loss_weight: float = 0.5e-4
    age_loss_weight: float = 30.0
    tv_loss_weight: float = 0.0
    fea_layer_name: str = "conv5"
    # The authors' constant 1e-3 is for batches of 32; at 8 faces a step it swings.
    learning_rate: float = 3e-4
    # Aids:
    # How often (1, 2, 1) / 4 smooths the faces that the AlexNet is shown: what it does
    # not see, a generator gains nothing by. 2 is a blur of one pixel.
    judge_smoothing: int = 0
    # The AlexNet looks at each face and its aged one in a frame of their own, zoomed
    # and moved by up to this share of the width: what holds in one place only, a
    # generator gains nothing by.
    judge_jitter: float = 0.0
    discriminator_learning_rate: float = 0.0  # 0: that of the generator.
    # Of R1 on real faces, which is taken every 16th step, 16 times as strong; the
    # discriminator must be "residual".
    gradient_penalty_weight: float = 0.0
    # The real face beside an aged one is of the source's gender and, as far as there
    # are enough, race: nothing but age shall tell them apart.
    matched_targets: bool = False
    # How much colours and frames of the faces that the discriminator sees are changed,
    # at random; 1: as much as layers.augmentation says.
    augmentation: float = 0.0
    years_loss_weight: float = 0.0  # on the squared error of the read age, in decades.
    # By how much more than the change of age that was asked for the change of the read
    # age shall be, as a share of it.
    years_overshoot: float = 0.0
    descriptor_loss_weight: float = 0.0  # on how far the descriptor moves, squared.
    descriptor_margin: float = 0.0  # how far, squared, it may move for nothing.
    gender_loss_weight: float = 0.0  # on how far the read gender moves.
    reconstruction_loss_weight: float = 0.0  # on L1 where the target is the own group.
    tone_loss_weight: float = 0.0  # on L1 of means over blocks of pixels, any target.
    chroma_loss_weight: float = 0.0  # on L1 of colour without brightness, any target.
    own_group_share: float = 0.0  # of targets, beside those by chance.
    # The last steps, in which the generator ages with moving statistics, as it will
    # when it is used. Before, those of the batch keep its ReLUs alive.
    fixed_statistics_steps: int = 0
    # Cosine, to a twentieth; the generator's first rises, so that the discriminator
    # knows faces before the age classifier pulls at them.
    learning_rate_decay: bool = False
    average_momentum: float = 0.0  # of the generator's moving average; 0: none.


@dataclasses.dataclass(frozen=True)
class AgeCGANRecipe:
    """Training of Age-cGAN: the paper's, with aids that are off.

    Source: Antipov, Baccouche, Dugelay, "Face Aging with Conditional Generative
    Adversarial Networks", ICIP 2017; rates of Radford, Metz, Chintala, ICLR 2016.
    """

    learning_rate: float = 2e-4  # of generator and discriminator; Adam, beta 0.5.
    horizontal_flip: bool = True  # of half of the faces.
    encoder_pairs: int = 100_000  # (latent vector, its face), each drawn once.
    encoder_learning_rate: float = 1e-3  # falls to a twentieth, as a cosine.
    # Aids:
    real_label: float = 1.0  # that the discriminator learns for real faces.
    mismatched_loss_weight: float = 0.0  # on real faces with a wrong age group.
    average_momentum: float = 0.0  # of the generator's moving average; 0: none.


@dataclasses.dataclass(frozen=True)
class RAGANRecipe:
    """Training of Re-Aging GAN: the paper's, but for what is marked as ours.

    Source: Makhmudkhujaev, Hong, Park, "Re-Aging GAN: Toward Personalized Face Age
    Transformation", ICCV 2021.
    """

    gan_loss_weight: float = 1.0
    # Of R1 on real faces, taken every 16th step. Ours: StarGAN v2's, whose
    # discriminator it is.
    gradient_penalty_weight: float = 1.0
    reconstruction_loss_weight: float = 10.0  # on L1 at the own group, at first.
    late_reconstruction_loss_weight: float = 1.0  # then.
    early_share: float = 1 / 3  # of the steps; published: 10 epochs of 30.
    cycle_loss_weight: float = 1.0  # on L1 of faces that are aged and aged back.
    learning_rate: float = 1e-4  # of both networks; Adam, betas 0 and 0.99.
    # The paper has a schedule and does not say which. Ours: a cosine, to a twentieth.
    learning_rate_decay: bool = True
    average_momentum: float = 0.999  # of the generator's moving average; as StarGAN v2.
    horizontal_flip: bool = True  # of half of the faces; ours, as StarGAN v2.
    # Of faces that have a segmentation map: how many are shown with it. The others are
    # shown with the ellipse by which faces are aged later. Ours.
    segmentation_share: float = 0.5
    # An aid, off: of faces that nobody aged, on the branch of the group asked for.
    mismatched_loss_weight: float = 0.0


@dataclasses.dataclass(frozen=True)
class Defaults:
    """What a program's flags say of a family where nobody says otherwise."""

    recipe: type
    age_groups: str  # a key of age_groups.GROUPINGS.
    batch_size: int
    sizes: tuple[str, ...] = ("image_size",)  # of its networks, that have a flag.


DEFAULTS = {
    "ipcgan": Defaults(
        IPCGANRecipe,
        age_groups="cacd",
        batch_size=32,
        sizes=(
            "image_size",
            "discriminator",
            "generator_output",
            "change_smoothing",
            "upsampling",
            "residual_blocks",
            "logit_channels",
        ),
    ),
    "age_cgan": Defaults(
        AgeCGANRecipe,
        age_groups="published",
        batch_size=64,
        sizes=("image_size", "generator_filters", "discriminator_filters"),
    ),
    "ragan": Defaults(
        RAGANRecipe,
        age_groups="ffhq_aging",
        batch_size=8,
        sizes=(
            "image_size",
            "generator_filters",
            "discriminator_filters",
            "generator_output",
            "face_mask",
        ),
    ),
}
