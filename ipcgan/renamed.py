"""Settings that were renamed: stored files may have their former names."""

from typing import Any

from ipcgan.config import ConfigError

# What fields of a recipe were called before; stored files may have these names.
ALIASES = {
    "judge_smoothing": "teacher_smoothing",
    "judge_jitter": "teacher_jitter",
    "fixed_statistics_steps": "frozen_batch_norm_steps",
}
_STAGE_ALIASES = {"fixed_statistics": "frozen_batch_norm"}  # likewise, of run.stage.


def with_current_names(values: Any) -> Any:
    """Returns a stored JSON value with the keys that ALIASES has by their new names.

    Args:
        values: a config.json or recipe; its keys at any depth count, also those like
            "recipe.judge_jitter".

    Raises:
        ConfigError: if an object has a key by both names.
    """
    if isinstance(values, list):
        return [with_current_names(value) for value in values]
    if not isinstance(values, dict):
        return values
    result = {}
    for key, value in values.items():
        start, dot, name = key.rpartition(".")
        current = f"{start}{dot}{ALIASES.get(name, name)}"
        if current in result or (current != key and current in values):
            raise ConfigError(f"{key} is now called {current}: give one of them.")
        stage = _STAGE_ALIASES.get(str(value)) if name == "stage" else None
        result[current] = stage or with_current_names(value)
    return result
