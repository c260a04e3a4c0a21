"""How much the server takes on, and for how long."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Limits:
    """Bounds of one server; what is beyond them is refused with a reason."""

    max_bytes: int = 30_000_000  # of a picture's file.
    max_pixels: int = 40_000_000  # of a picture.
    incoming_bytes: int = 96_000_000  # of all files on their way here, or waiting.
    kept_bytes: int = 120_000_000  # of all pictures' files; the oldest make room.
    kept_seconds: float = 600.0  # after a picture was last used, it is forgotten.
    waiting: int = 8  # requests that wait for the one that is worked on.
    job_seconds: float = 60.0  # until a request is answered that it took too long.
    connections: int = 64  # at a time; others are closed.
    head_seconds: float = 10.0  # until a request's head must be here,
    body_seconds: float = 60.0  # then its body,
    idle_seconds: float = 10.0  # and between any two bytes of it;
    answer_seconds: float = 60.0  # for the other side to take each part of an answer.
