"""Loss terms as table entries: name, weight, teacher outputs read, value."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any


@dataclasses.dataclass(frozen=True)
class Term:
    """One loss term.

    Attributes:
        name: in the log.
        weight: the recipe's field that weighs it.
        value: (what terms are computed from, recipe) -> scalar, unweighted.
        reads: recipe -> names of the teacher's outputs that `value` reads.
        always: compute and log it even if its weight is 0; other terms are left out
            then.
    """

    name: str
    weight: str
    value: Callable
    reads: Callable = lambda recipe: ()
    always: bool = False


def used(table: Sequence[Term], recipe: Any) -> list[Term]:
    """Returns the terms of a table that a recipe asks for."""
    return [term for term in table if term.always or getattr(recipe, term.weight)]


def values(table: Sequence[Term], given: Any, recipe: Any) -> dict[str, Any]:
    """Returns {name: unweighted scalar} of the terms that a recipe asks for.

    Args:
        table: the terms.
        given: what their `value` is computed from.
        recipe: of the family.
    """
    return {term.name: term.value(given, recipe) for term in used(table, recipe)}


def weights(table: Sequence[Term], recipe: Any) -> dict[str, float]:
    """Returns {name: weight} of the terms that a recipe asks for."""
    return {term.name: getattr(recipe, term.weight) for term in used(table, recipe)}


def reads(table: Sequence[Term], recipe: Any) -> dict[str, str]:
    """Returns {teacher's output: the field that weighs the first term to read it}."""
    result: dict[str, str] = {}
    for term in used(table, recipe):
        for output in term.reads(recipe):
            result.setdefault(output, term.weight)
    return result
