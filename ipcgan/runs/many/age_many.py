"""Ages all pictures of a pattern into a folder, on Ray; what is done stays done."""

import dataclasses
import json
import time
import uuid
from pathlib import Path

from tqdm import tqdm

from ipcgan import config
from ipcgan.data.records import DataError
from ipcgan.runs.age.checks import check_groups, mark_of
from ipcgan.runs.many import cluster, reports, stores
from ipcgan.runs.many.reports import Reports
from ipcgan.runs.many.worker import Job, Worker, left_out_rows

_SETTINGS = f"{stores.OWN}/settings.json"
# Of AgeConfig, what the results do not depend on.
_FREE = ("batch_size", "files", "save_dir", "skip_existing")


@dataclasses.dataclass(frozen=True)
class AgedMany:
    """The result of a run.

    Attributes:
        aged: number of pictures aged now.
        skipped: number of pictures aged by earlier runs.
        left_out: (name, reason) of each picture that was not aged.
    """

    aged: int
    skipped: int
    left_out: list[tuple[str, str]]


def age_many(
    settings: config.AgeConfig, *, address: str = "", actors: int = 0, threads: int = 1
) -> AgedMany:
    """Ages the pictures that a pattern finds; see `tools/age_many.py --help`.

    Args:
        settings: of test.py; test_data_dir is the pattern, save_dir the folder, and
            both may be in an object store.
        address: of a Ray cluster, which cluster.check has found; "": this machine.
        actors: how many engines work; 0: as many as there are cores for.
        threads: cores that each has.

    Raises:
        DataError: if there is no picture, nothing can be written, or Ray gives up.
        checkpoints.CheckpointError: if the checkpoint cannot be used.
        config.ConfigError: if credentials cannot sign.
    """
    source, names = stores.find("--input", settings.test_data_dir)
    target = stores.Store("--output", settings.save_dir)
    names = _without_outputs(names, source, target)
    settings = dataclasses.replace(
        settings, test_data_dir=source.name, checkpoint_dir=_everywhere(settings)
    )
    targets = check_groups(settings)
    mark_of(settings)  # Its certificate is looked at before anything is written.
    _claim(target, settings)
    # Later runs have later names.
    run = f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}"
    done_reports = Reports(target, run)
    done = done_reports.done()
    skipped = [name for name in names if name in done]
    clashes = _clashes(names, targets, settings.animate)
    if clashes.keys() - done:
        rows = left_out_rows({k: v for k, v in clashes.items() if k not in done})
        done_reports.write(sorted(clashes), rows)
    waiting = [name for name in names if name not in done and name not in clashes]
    job = Job(settings, source, target, run, threads)
    options = {"address": address, "actors": actors, "threads": threads}
    _work(job, waiting, len(names), options)
    left_out = done_reports.merge()
    target.remove_unfinished()
    of_now = set(names)
    left_out = sorted(pair for pair in left_out if pair[0] in of_now)
    aged = len(names) - len(skipped) - len(left_out)
    return AgedMany(aged, len(skipped), left_out)


def _work(job, waiting, total, options):
    """Has the pictures aged, and shows how far it is."""
    if not waiting:
        return
    counted = 0
    with tqdm(
        total=total, initial=total - len(waiting), unit="file", desc="ageing"
    ) as bar:
        for row in cluster.results(
            Worker, job, waiting, batch_size=job.settings.batch_size, **options
        ):
            if row["problem"]:
                raise DataError(row["problem"])
            counted += row["count"]
            bar.update(row["count"])
    if counted != len(waiting):
        raise DataError(f"Ray lost {len(waiting) - counted} pictures; run it again.")


def _without_outputs(names, source, target):
    """Leaves out what lies in the folder of the outputs, which may be below."""
    inside = target.below(source)
    if inside is None:
        return names
    if not inside:
        raise DataError(
            f"{target.name}: is the folder of the inputs, which are never changed; "
            "name another."
        )
    kept = [name for name in names if not name.startswith(f"{inside}/")]
    if not kept:
        raise DataError(f"{source.name}: no file there but those of {target.name}.")
    return kept


def _everywhere(settings):
    """Returns the checkpoint's folder for workers, which run in other folders."""
    path = Path(settings.checkpoint_dir)
    return str(path.resolve()) if path.exists() else settings.checkpoint_dir


def _claim(target, settings):
    """Notes the settings, so that what they made is known from what others make.

    Raises:
        DataError: if the folder has other files, or those of other settings.
    """
    fields = dataclasses.asdict(settings).items()
    # As JSON has them, where tuples are lists.
    values = json.loads(json.dumps({k: v for k, v in fields if k not in _FREE}))
    if target.has(_SETTINGS):
        before = _parsed(target)
        for name, value in values.items():
            if before.get(name) != value:
                raise DataError(
                    f"{target.name}: an earlier run wrote there with "
                    f"{name}={before.get(name)!r}, and this one has {value!r}; name "
                    "another folder."
                )
    elif target.is_folder and target.listed(recursive=False):
        raise DataError(
            f"{target.name}: has files that no earlier run of this program wrote; name "
            "another folder."
        )
    target.put_text(json.dumps(values, indent=1), _SETTINGS)


def _parsed(target):
    try:
        values = json.loads(target.text(_SETTINGS))
    except ValueError as error:
        raise DataError(f"{target.name}: {_SETTINGS} is no JSON: {error}.") from error
    return values if isinstance(values, dict) else {}


def _clashes(names, targets, animate):
    """Returns why some pictures cannot be aged: others' outputs have their names."""
    from ipcgan.runs.age import outputs  # Slow: it imports OpenCV.

    known = {*names, reports.REPORT}
    found = {}
    for name in names:
        for num_faces in (0, 1):
            made = outputs.names_of(
                Path(name), targets, animate, num_faces, num_found=2 * num_faces
            )
            for output in map(str, made.all):
                if output != name and output in known:
                    found[output] = (
                        f"its output {output} would overwrite that of {name}"
                    )
    return found
