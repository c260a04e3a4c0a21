"""Content Credentials (C2PA): pictures signed with a certificate of the user's."""

import io
import json
import threading
from pathlib import Path

from PIL import Image

import ipcgan
from ipcgan.config import ConfigError

_MIME = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
    "GIF": "image/gif",
    "HEIF": "image/heif",
    "AVIF": "image/avif",
}
_FLAGS = "--c2pa_certificate, --c2pa_key"
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
_INPUT = "input"  # what a manifest calls the picture that was aged.
_SETTINGS = {
    # A thumbnail of the input would show the face as it was.
    "builder": {"thumbnail": {"enabled": False}},
    # Only readers need to know whom to trust.
    "verify": {"verify_trust": False, "verify_after_sign": False},
}


class Credentials:
    """Signs pictures; any thread may call it.

    Args:
        certificate: PEM file of the certificate, and of those that it was signed with.
        key: PEM file of its private key: EC, RSA or Ed25519, without a password.

    Raises:
        ConfigError: if a file cannot be read, the two cannot sign, or c2pa-python is
            not installed.
    """

    def __init__(self, certificate: Path, key: Path):
        self._certificate, self._key = _read(certificate), _read(key)
        try:
            import c2pa
            from cryptography.hazmat.primitives import serialization
        except ImportError as error:
            raise ConfigError(
                f"{_FLAGS}: need c2pa-python (the extra `c2pa`): pip install "
                f"c2pa-python ({error})."
            ) from error
        try:
            private = serialization.load_pem_private_key(self._key, password=None)
        except (ValueError, TypeError) as error:
            raise ConfigError(
                f"--c2pa_key={key}: no private key in PEM without a password: {error}"
            ) from error
        _check_belong(self._certificate, private, certificate, key)
        self._algorithm = _algorithm(private, key)
        self._c2pa = c2pa
        # The library's errors are per thread, and its set-up is not documented as safe.
        self._turn = threading.Lock()
        try:
            self._signed(_tiny_picture(), "JPEG", "test", None)
        except Exception as error:
            raise ConfigError(f"{_FLAGS}: cannot sign: {error}") from error

    def sign(
        self,
        path: Path,
        image_format: str,
        source_type: str,
        parent: tuple[Path, str] | None,
    ) -> None:
        """Signs a file in place.

        Args:
            path: the file.
            image_format: Pillow's name of its format.
            source_type: of marks.Mark.
            parent: file and format of the picture that it was made of, which is named
                by its hash and brings its own credentials; None: of several, or none.

        Raises:
            OSError: if it cannot be signed or written.
        """
        try:
            signed = self._signed(path.read_bytes(), image_format, source_type, parent)
        except self._c2pa.C2paError as error:
            raise OSError(f"cannot be signed: {error}") from error
        path.write_bytes(signed)

    def _signed(self, content, image_format, source_type, parent):
        c2pa, mime = self._c2pa, _MIME[image_format]
        parent_path, parent_format = parent or (None, None)
        parent_type = _MIME.get(parent_format)
        manifest = _manifest(mime, source_type, bool(parent_type))
        result = io.BytesIO()
        with self._turn:
            context = c2pa.Context(c2pa.Settings.from_dict(_SETTINGS))
            info = c2pa.C2paSignerInfo(
                alg=self._algorithm.encode(),
                sign_cert=self._certificate,
                private_key=self._key,
                ta_url=None,
            )
            builder = c2pa.Builder(manifest, context)
            if parent_type:
                ingredient = {"relationship": "parentOf", "instance_id": _INPUT}
                ingredient |= {"title": parent_path.name, "label": _INPUT}
                with parent_path.open("rb") as file:
                    builder.add_ingredient(json.dumps(ingredient), parent_type, file)
            with c2pa.Signer.from_info(info) as signer:
                builder.sign(signer, mime, io.BytesIO(content), result)
        return result.getvalue()


def _manifest(mime, source_type, has_parent):
    """Returns what is signed: the picture was opened, then edited by AI; or made."""
    made = {
        "action": "c2pa.edited" if has_parent else "c2pa.created",
        "digitalSourceType": source_type,
    }
    opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": [_INPUT]}}
    actions = [opened, made] if has_parent else [made]
    maker = {"name": "ipcgan", "version": ipcgan.__version__}
    return {
        "claim_generator_info": [maker],
        "format": mime,
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": actions}}],
    }


def _read(path):
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}.") from error


def _check_belong(content, private, certificate, key):
    """Refuses a key of another certificate: the library would sign with it."""
    from cryptography import x509

    try:
        first = x509.load_pem_x509_certificates(content)[0]
    except ValueError as error:
        raise ConfigError(
            f"--c2pa_certificate={certificate}: no certificate in PEM: {error}"
        ) from error
    if first.public_key() != private.public_key():
        raise ConfigError(
            f"--c2pa_key={key}: is not the key of the first certificate in "
            f"{certificate}."
        )


def _algorithm(private, key):
    """Returns C2PA's name for what a key signs by."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    name, what = None, type(private).__name__
    if isinstance(private, ec.EllipticCurvePrivateKey):
        what = private.curve.name
        name = _CURVES.get(what)
    elif isinstance(private, rsa.RSAPrivateKey):
        name = "ps256"
    elif isinstance(private, ed25519.Ed25519PrivateKey):
        name = "ed25519"
    if name is None:
        raise ConfigError(
            f"--c2pa_key={key}: expected a key for EC (P-256, P-384 or P-521), RSA or "
            f"Ed25519, got {what}."
        )
    return name


def _tiny_picture():
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG")
    return file.getvalue()
