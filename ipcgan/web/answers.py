"""Why a request was refused: the codes that the page has sentences for."""


class Refused(Exception):  # noqa: N818 - it is an answer, not a fault.
    """A request that was understood and is not carried out.

    Attributes:
        code: one of STATUS, which the page has a sentence for.
        detail: more, in English, or "".
    """

    def __init__(self, code: str, detail: str = ""):
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


STATUS = {  # of HTTP, by code.
    "no_face": 422,
    "not_a_picture": 415,
    "too_large": 413,
    "busy": 503,
    "gone": 410,
    "unsupported": 400,
    "failed": 500,
}
