"""Caches face descriptors on disk: computing them is slow."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ipcgan import atomic, config
from ipcgan.data.records import DataError, Record
from ipcgan.evaluation import identity

_LARGEST = 2**31  # bytes of the cached arrays: two million faces.


def describe(
    settings: config.PretrainConfig, records: Sequence[Record], name: str
) -> tuple[list[Record], np.ndarray, np.ndarray]:
    """Describes faces by dlib's recogniser, but for those in the cache.

    Args:
        settings: where descriptors are kept.
        records: N faces.
        name: of the file that keeps them.

    Returns:
        (n records that can be described, [N] bool which they are, [n, 128]).
    """
    rows = _descriptors(settings, records, name)
    known = np.isfinite(rows).all(axis=1)
    kept = [r for r, is_known in zip(records, known, strict=True) if is_known]
    return kept, known, rows[known]


def _descriptors(settings, records, name):
    """Returns the recogniser's [N, 128] descriptors, from the cache where it fits."""
    cache = Path(settings.descriptor_cache or settings.run.checkpoint_dir) / name
    names = np.array([str(r.path.name) for r in records])
    known = {}
    if cache.exists():
        known = _read(cache)
    missing = [r for r in records if r.path.name not in known]
    if missing:
        recogniser = identity.DlibRecogniser(cache.parent / "deepface")
        for record in tqdm(missing, desc="describing faces", unit="face"):
            rows = identity.describe_files(recogniser, [record.path])
            known[record.path.name] = rows[0]
        cache.parent.mkdir(parents=True, exist_ok=True)
        # By a file, not a name, to which NumPy would add an ending.
        with atomic.replacing(cache) as partial, partial.open("wb") as file:
            np.savez(
                file,
                names=np.array(list(known)),
                descriptors=np.array(list(known.values())),
            )
    return np.stack([known[name] for name in names])


def _read(cache):
    """Returns {name: descriptor}; DataError if the file is damaged."""
    try:
        with zipfile.ZipFile(cache) as file:
            size = sum(info.file_size for info in file.infolist())
            if size > _LARGEST or file.testzip():
                raise ValueError(f"{size} bytes, or a sum that is wrong")
        with np.load(cache, allow_pickle=False) as arrays:
            names, rows = arrays["names"], arrays["descriptors"]
        if names.ndim != 1 or rows.shape != (
            len(names),
            identity.DlibRecogniser.length,
        ):
            raise ValueError(f"{names.shape} names of {rows.shape} descriptors")
    # What zipfile and NumPy raise where a file is broken is not listed anywhere.
    except Exception as error:
        raise DataError(
            f"{cache}: cannot be read: {error}; without it the faces are described "
            "anew."
        ) from error
    return dict(zip(names, rows, strict=True))
