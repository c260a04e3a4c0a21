"""The inputs of one training step: NumPy arrays before it, tensors within it.

N faces, S pixels of height and width, Z numbers of a latent vector.
"""

from typing import Any, NamedTuple


class FaceBatch(NamedTuple):
    """Faces and labels for the ageing networks."""

    source_image: Any  # [N, S, S, 3] float32 RGB in [-1, 1]: the faces to age.
    source_group: Any  # [N] int32: their true groups.
    # [N, S, S, 3] float32 RGB in [-1, 1]: real, of target_group; None where no term
    # asks for them.
    target_image: Any
    target_group: Any  # [N] int32: the groups to age to.
    wrong_group: Any  # [N] int32: never equal to target_group.
    # [N] float32: years that the face AlexNet reads, on average, from real faces of
    # target_group; None where no term asks for them.
    target_years: Any = None
    # [N, Z] float32, normal; None where no network takes a latent vector.
    noise: Any = None
    # [N, S, S, 1] float32 from 0 to 1: how much of each pixel of source_image belongs
    # to the face, not to the background; None where there is no segmentation.
    source_mask: Any = None
    # [N, S, S, 3] float32 RGB in [-1, 1]: source_image aged to target_group by
    # data.prototypes; None where no term asks for it.
    prototype_image: Any = None
    # [N, S, S, 3] float32 RGB in [-1, 1]: source_image, aged to target_group; made in
    # the generator's update, for the discriminator's.
    aged_image: Any = None


AGED = "aged_image"  # the field of a FaceBatch that a generator's update makes.


class LabelledBatch(NamedTuple):
    """Faces and what is known of them, to pretrain a face network."""

    image: Any  # [N, S, S, 3] float32 RGB in [-1, 1].
    group: Any  # [N] int32: age group.
    person: Any = None  # [N] int32: number of the person; None where unnamed.
    descriptor: Any = None  # [N, 128] float32: a recogniser's descriptor, or None.
    years: Any = None  # [N] float32: true age; None where it is not known.
    gender: Any = None  # [N] int32: 0 male, 1 female; None where it is not known.
    # [N] float32: 1 where the labels above are known, 0 for faces of which only the
    # descriptor is; None: all are known.
    labelled: Any = None
    attack_radius: Any = None  # [N] float32: see objectives.face_network; None: none.
