"""The judges by name: age judges, recognisers and embedders."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ipcgan.config import AGE_JUDGES, ConfigError
from ipcgan.evaluation.age import AgeJudge
from ipcgan.evaluation.hse import HSEFaceNetwork
from ipcgan.evaluation.identity import DlibRecogniser
from ipcgan.evaluation.recognisers import DeepFaceRecogniser
from ipcgan.photos.weights import MissingWeightsError, deepface_home


@dataclasses.dataclass(frozen=True)
class Panel:
    """Judges that one thread asks at a time.

    Attributes:
        age_judges: by name, each with `judge(face) -> (years, gender)`.
        recognisers: by name, each with `length` D, its own `threshold` and
            `describe(face) -> [D]`.
        embedders: by name, each with `length` E and `embed(face) -> [E]`: features by
            which sets of faces are compared.
    """

    age_judges: Mapping[str, Any]
    recognisers: Mapping[str, Any]
    embedders: Mapping[str, Any]


def make_panel(
    age_judges: tuple[str, ...], recognisers: tuple[str, ...], hse_dir: str
) -> Panel:
    """Makes new judges.

    Args:
        age_judges: of config.AGE_JUDGES.
        recognisers: "HSE", "Dlib" or as DeepFace calls its models.
        hse_dir: folder of HSE's network.

    Raises:
        ConfigError: if there is no such judge.
        MissingWeightsError: if one's weights are missing: a line that says what to do.
    """
    home, hse = deepface_home(), None
    if "HSE" in (*age_judges, *recognisers):
        hse = HSEFaceNetwork(Path(hse_dir))  # Which gives all of its answers at once.
    return Panel(
        age_judges={name: _age_judge(name, hse) for name in age_judges},
        recognisers={name: _recogniser(name, hse, home) for name in recognisers},
        embedders={} if hse is None else {"HSE": hse},
    )


def usable(
    age_judges: tuple[str, ...], recognisers: tuple[str, ...], hse_dir: str
) -> tuple[tuple[str, ...], tuple[str, ...], list[str]]:
    """Finds out which of the judges can be used here.

    Returns:
        (age judges, recognisers, why others are missing).

    Raises:
        ConfigError: if there is no such judge.
        MissingWeightsError: if none is left of a kind that was asked for.
    """
    missing = {}

    def try_all(names, kind):
        found = []
        for name in names:
            asked = {"age_judges": (), "recognisers": (), kind: (name,)}
            try:
                make_panel(**asked, hse_dir=hse_dir)
                found.append(name)
            except MissingWeightsError as error:
                missing[str(error)] = None
        if names and not found:
            raise MissingWeightsError(
                f"No {'age judge' if kind == 'age_judges' else 'recogniser'} can be "
                f"used. {' '.join(missing)}"
            )
        return tuple(found)

    found = try_all(age_judges, "age_judges"), try_all(recognisers, "recognisers")
    return *found, list(missing)


def _age_judge(name, hse):
    if name not in AGE_JUDGES:
        raise ConfigError(f"--age_judge={name}: expected {' or '.join(AGE_JUDGES)}.")
    return hse if name == "HSE" else AgeJudge()


def _recogniser(name, hse, home):
    if name == "HSE":
        return hse
    return DlibRecogniser(home) if name == "Dlib" else DeepFaceRecogniser(name, home)
