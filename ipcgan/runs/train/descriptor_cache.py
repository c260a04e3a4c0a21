"""Caches face descriptors on disk: computing them is slow."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ipcgan import atomic, config
from ipcgan.data.records import Record
from ipcgan.evaluation import identity


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
        with np.load(cache, allow_pickle=False) as arrays:
            known = dict(zip(arrays["names"], arrays["descriptors"], strict=True))
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
