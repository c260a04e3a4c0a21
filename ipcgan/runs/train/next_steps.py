"""What a training run prints at its end: its folder, and the next commands."""

import shlex
import sys
from pathlib import Path

from ipcgan import checkpoints, config

NOT_BEGUN = "No step was done since the start; the same command begins again."


def lines(
    settings: config.TrainConfig, done: int, wanted: int, best: dict | None = None
) -> list[str]:
    """Returns lines of text.

    Args:
        settings: of the training run.
        done: steps that it has done.
        wanted: steps that it was asked for; if they are more, it was interrupted.
        best: of its scores the best, with "step" and "score"; None: there are none.
    """
    run = settings.run
    newest = checkpoints.newest(Path(run.checkpoint_dir))
    train, age = ("python age_lsgan_transfer.py", "python test.py")
    if not sys.argv[0].endswith(".py"):
        train, age = "ipcgan-train", "ipcgan-age"
    if done < wanted:
        return [
            f"Interrupted after step {done} of {wanted}, saved in {newest}. Go on:",
            _command(train, resume=run.checkpoint_dir),
        ]
    result = [f"{done} steps done. The newest checkpoint: {newest}"]
    if best:
        result.append(_about_best(best, Path(run.checkpoint_dir)))
    data = settings.data
    dataset = {} if data.dataset == "utkface" else {"dataset": data.dataset}
    measure = _command(
        "python tools/evaluate.py",
        root_folder=data.root_folder,
        **dataset,
        checkpoint_dir=run.checkpoint_dir,
    )
    return [
        *result,
        "Age faces with it:",
        _command(age, checkpoint_dir=run.checkpoint_dir),
        "Choose its best checkpoint by validation faces:",
        f"{measure} --every_checkpoint",
    ]


def _about_best(best, folder):
    path = folder / f"step-{best['step']:08d}"
    gone = "" if path.is_dir() else ", which --max_to_keep has removed"
    return f"The best of those scored: {path}, {best['score']:.2f}{gone}"


def _command(program, **flags):
    given = (f"--{name}={value}" for name, value in flags.items())
    return f"  {program} {' '.join(map(shlex.quote, given))}"
