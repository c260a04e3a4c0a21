"""The one table of model families."""

import dataclasses
from collections.abc import Callable, Mapping

from ipcgan.models import age_cgan as age_cgan_models
from ipcgan.models import ipcgan as ipcgan_models
from ipcgan.models import ragan as ragan_models
from ipcgan.objectives import age_cgan as age_cgan_objectives
from ipcgan.objectives import ipcgan as ipcgan_objectives
from ipcgan.objectives import ragan as ragan_objectives
from ipcgan.objectives import recipes


@dataclasses.dataclass(frozen=True)
class Family:
    """What tells one family from another.

    A family's generator takes [what it makes a face of, group]: the face itself, or,
    where the family has `inversions`, a latent vector that is searched for each face.

    Attributes:
        sizes: dataclass of network sizes.
        recipe: dataclass of training numbers.
        build_networks: sizes -> {name: network}, all that is trained.
        build_generator: sizes -> the network that ages, alone.
        stages: (recipe, config.RunConfig) -> the training's stages.
        draws: (sizes, recipe) -> what pipeline.FaceBatches shall draw, by name.
        judged_by: recipe -> names of the face AlexNet's outputs that terms are about;
            none: the training does without that network.
        reads_textures: sizes -> whether its objectives need the network of textures.
        build_others: {name: sizes -> network}, what else ageing takes.
        inversions: {name of a config.INVERSIONS: (networks, latent [N, Z], given) ->
            [N], what the search makes small}, from the cheapest on.
    """

    sizes: type
    recipe: type
    build_networks: Callable
    build_generator: Callable
    stages: Callable
    draws: Callable
    judged_by: Callable
    build_others: Mapping[str, Callable] = dataclasses.field(default_factory=dict)
    reads_textures: Callable = lambda sizes: False
    inversions: Mapping[str, Callable] = dataclasses.field(default_factory=dict)


FAMILIES = {
    "ipcgan": Family(
        sizes=ipcgan_models.IPCGANSizes,
        recipe=recipes.IPCGANRecipe,
        build_networks=ipcgan_models.build_networks,
        build_generator=ipcgan_models.build_generator,
        stages=lambda recipe, run: ipcgan_objectives.stages(recipe, run.max_steps),
        draws=lambda sizes, recipe: {
            "own_group_share": recipe.own_group_share,
            "jitter": recipe.judge_jitter,
            "matched": recipe.matched_targets,
            "augmentation": recipe.augmentation,
        },
        judged_by=ipcgan_objectives.judged_by,
        reads_textures=lambda sizes: sizes.discriminator == "texture_features",
    ),
    "age_cgan": Family(
        sizes=age_cgan_models.AgeCGANSizes,
        recipe=recipes.AgeCGANRecipe,
        build_networks=age_cgan_models.build_networks,
        build_generator=age_cgan_models.build_generator,
        stages=lambda recipe, run: age_cgan_objectives.stages(
            recipe, run.max_steps, run.batch_size
        ),
        # Real faces stand beside made ones of the same group.
        draws=lambda sizes, recipe: {
            "own_group_share": 1.0,
            "with_targets": False,
            "noise_size": sizes.latent_size,
            "flip": recipe.horizontal_flip,
        },
        judged_by=lambda recipe: (),
        build_others={"encoder": age_cgan_models.build_encoder},
        inversions={
            "pixelwise": age_cgan_objectives.pixel_distances,
            "identity_preserving": age_cgan_objectives.identity_distances,
        },
    ),
    "ragan": Family(
        sizes=ragan_models.RAGANSizes,
        recipe=recipes.RAGANRecipe,
        build_networks=ragan_models.build_networks,
        build_generator=ragan_models.build_generator,
        stages=lambda recipe, run: ragan_objectives.stages(recipe, run.max_steps),
        draws=lambda sizes, recipe: {
            "with_targets": False,
            "flip": recipe.horizontal_flip,
            "default_mask": ragan_models.default_mask(sizes),
            "segmentation_share": recipe.segmentation_share,
        },
        judged_by=lambda recipe: (),
    ),
}
