"""What defines a model family: its numbers, networks and training stages."""

import dataclasses
import importlib
from collections.abc import Callable, Mapping


@dataclasses.dataclass(frozen=True)
class Implementation:
    """How a family makes, trains and uses its networks.

    A family's generator takes [what it makes a face of, group]: the face itself, or,
    where the family has `inversions`, a latent vector that is searched for each face.

    Attributes:
        build_networks: sizes -> {name: network}, all that is trained.
        build_generator: sizes -> the network that ages, alone.
        stages: (recipe, config.RunConfig) -> the stages of a training run.
        draws: (sizes, recipe) -> what pipeline.FaceBatches shall draw, by name.
        teacher_outputs: recipe -> {output of the face AlexNet that a loss term reads:
            the recipe's field that weighs this term}; none: the family trains without
            that network.
        build_others: {name: sizes -> network}, what else ageing takes.
        inversions: {name of a config.INVERSIONS: (networks, latent [N, Z], given) ->
            [N], the objective of the search}, from the cheapest on.
        extended: generator -> the same of longer codes than latent vectors, which the
            inversion of that name searches.
    """

    build_networks: Callable
    build_generator: Callable
    stages: Callable
    draws: Callable
    teacher_outputs: Callable = lambda recipe: {}
    build_others: Mapping[str, Callable] = dataclasses.field(default_factory=dict)
    inversions: Mapping[str, Callable] = dataclasses.field(default_factory=dict)
    extended: Callable | None = None


@dataclasses.dataclass(frozen=True)
class Family:
    """What a program must know of a family before it loads Keras.

    Attributes:
        sizes: dataclass of network sizes; its fields are made by families.fields.
        recipe: dataclass of training numbers, likewise.
        age_groups: those it trains with by default: a key of age_groups.GROUPINGS.
        batch_size: faces per step by default.
        stages: names of all that a training run may have, in order.
        module: that has its IMPLEMENTATION, loaded when it is first used.
        taught: whether the face networks teach it by default.
    """

    sizes: type
    recipe: type
    age_groups: str
    batch_size: int
    stages: tuple[str, ...]
    module: str
    taught: bool = False

    @property
    def implementation(self) -> Implementation:
        """The family's code; slow the first time, for it loads Keras."""
        return importlib.import_module(self.module).IMPLEMENTATION

    def fields(self) -> dict[str, dataclasses.Field]:
        """Returns the fields of recipe and sizes by name; no name is in both."""
        both = *dataclasses.fields(self.recipe), *dataclasses.fields(self.sizes)
        return {field.name: field for field in both}
