"""A certificate as Content Credentials want them, of an authority of its own."""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

KEYS = {
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "RSA": lambda: rsa.generate_private_key(65537, 2048),
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
}


def write(folder, kind="P-256"):
    """Writes certificate.pem and key.pem; returns their paths."""
    authority, key = KEYS["P-256"](), KEYS[kind]()
    root = _signed("authority", authority.public_key(), authority, authority, True)
    leaf = _signed("photographer", key.public_key(), authority, authority, False)
    chain = b"".join(c.public_bytes(serialization.Encoding.PEM) for c in (leaf, root))
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    certificate = folder / "certificate.pem"
    certificate.write_bytes(chain)
    (folder / "key.pem").write_bytes(private)
    return certificate, folder / "key.pem"


def authority(folder):
    """Writes authority_key.pem; returns the authority's own certificate."""
    key = KEYS["P-256"]()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "authority_key.pem").write_bytes(private)
    root = _signed("authority", key.public_key(), key, key, True)
    return root.public_bytes(serialization.Encoding.PEM)


def _signed(name, public, issuer_key, signer, is_authority):
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    usages = x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        **dict.fromkeys(
            "content_commitment key_encipherment data_encipherment key_agreement "
            "encipher_only decipher_only".split(),
            False,
        ),
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name("authority"))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        .add_extension(usages, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
    )
    if not is_authority:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(
            issuer_key.public_key()
        )
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(identifier, False).add_extension(purpose, False)
    return builder.sign(signer, hashes.SHA256())


def _name(text):
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, text),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "a test"),
        ]
    )
