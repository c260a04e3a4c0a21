"""The one table of model families; it loads no Keras.

A new family takes a file here, with its numbers, one in ipcgan/models, with its
networks, one in ipcgan/objectives, with its training, and a line of this table.
"""

from ipcgan.families import age_cgan, ipcgan, ragan

FAMILIES = {
    "ipcgan": ipcgan.FAMILY,
    "age_cgan": age_cgan.FAMILY,
    "ragan": ragan.FAMILY,
}


def families_with(name: str) -> list[str]:
    """Returns the names of the families whose recipe or sizes have a field."""
    return [family for family, entry in FAMILIES.items() if name in entry.fields()]
