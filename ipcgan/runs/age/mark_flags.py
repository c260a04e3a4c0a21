"""The flags of the marks that aged pictures get."""

from typing import Any

from absl import flags


def define_marks(values: flags.FlagValues) -> None:
    """Declares how pictures say that AI aged them, besides XMP, which all have."""
    flags.DEFINE_bool(
        "label",
        False,
        'Write "AI" into the lower right corner of what is aged, to be seen.',
        flag_values=values,
    )
    flags.DEFINE_string(
        "c2pa_certificate",
        "",
        "PEM file of a certificate, and of those above it, to sign all that shows an "
        "aged face with (Content Credentials, C2PA). Needs --c2pa_key, and the extra "
        "`c2pa`.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "c2pa_key",
        "",
        "PEM file of the certificate's private key, without a password.",
        flag_values=values,
    )


def mark_values(values: flags.FlagValues) -> dict[str, Any]:
    """Returns these flags as AgeConfig has them."""
    return {
        "label": values.label,
        "c2pa_certificate": values.c2pa_certificate,
        "c2pa_key": values.c2pa_key,
    }
