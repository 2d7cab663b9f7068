"""Secrets and keys of a signing credential, and what is signed and verified with them."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey, Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from apps.engine.errors import NodeError

SIGNING_CREDENTIALS = ("signing_key",)
MAX_RSA_BITS = 8_192
Padding = Literal["pkcs1", "pss"]
PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey | Ed448PrivateKey
PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey | Ed448PublicKey

SIGNED_HASHES: Mapping[str, type[hashes.HashAlgorithm]] = {
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


def secret_of(values: Mapping[str, Any]) -> bytes:
    """The shared secret. Raises NodeError `no_key`."""
    secret = values.get("secret")
    if not secret:
        raise _no_key("secret")
    return str(secret).encode()


def private_key_of(values: Mapping[str, Any]) -> PrivateKey:
    """The private key. Raises NodeError `no_key`, `unsupported_key`."""
    pem = values.get("private_key")
    if not pem:
        raise _no_key("private key")
    passphrase = str(values.get("passphrase") or "").encode() or None
    try:
        key = load_pem_private_key(str(pem).encode(), passphrase)
    except (ValueError, TypeError):
        raise NodeError("no_key", "The private key of the credential cannot be opened.") from None
    if not isinstance(key, PrivateKey):
        raise _unsupported()
    _check_size(key)
    return key


def public_key_of(values: Mapping[str, Any]) -> PublicKey:
    """The public key, which may be that of the private key.

    Raises NodeError `no_key`, `unsupported_key`.
    """
    pem = values.get("public_key")
    if not pem:
        if values.get("private_key"):
            return private_key_of(values).public_key()
        raise _no_key("public key")
    try:
        key = load_pem_public_key(str(pem).encode())
    except ValueError:
        raise NodeError("no_key", "The public key of the credential cannot be read.") from None
    if not isinstance(key, PublicKey):
        raise _unsupported()
    _check_size(key)
    return key


def _no_key(what: str) -> NodeError:
    return NodeError("no_key", f"The credential has no {what}.")


def _unsupported() -> NodeError:
    return NodeError("unsupported_key", "The key must be one of RSA, ECDSA, Ed25519 or Ed448.")


def _check_size(key: PrivateKey | PublicKey) -> None:
    if isinstance(key, RSAPrivateKey | RSAPublicKey) and key.key_size > MAX_RSA_BITS:
        told = f"The RSA key has {key.key_size:,} bits; at most {MAX_RSA_BITS:,} are used."
        raise NodeError("unsupported_key", told)


def hashed(algorithm: str, data: bytes) -> bytes:
    """The hash of data; MD5 and SHA-1 are only to compare with others'."""
    return hashlib.new(algorithm, data, usedforsecurity=False).digest()


def hmac_of(secret: bytes, algorithm: str, data: bytes) -> bytes:
    return hmac.new(secret, data, algorithm).digest()


def sign(key: PrivateKey, data: bytes, algorithm: str, padded: Padding) -> bytes:
    """A signature. Ed25519 and Ed448 have a hash of their own; ECDSA's is in DER."""
    if isinstance(key, Ed25519PrivateKey | Ed448PrivateKey):
        return key.sign(data)
    hash = SIGNED_HASHES[algorithm]()
    if isinstance(key, EllipticCurvePrivateKey):
        return key.sign(data, ECDSA(hash))
    try:
        return key.sign(data, _padding(padded, hash), hash)
    except ValueError:
        raise NodeError("unsupported_key", f"The RSA key is too small for {algorithm}.") from None


def verify(key: PublicKey, signature: bytes, data: bytes, algorithm: str, padded: Padding) -> bool:
    """Whether it is a signature of the data by that key."""
    try:
        if isinstance(key, Ed25519PublicKey | Ed448PublicKey):
            key.verify(signature, data)
            return True
        hash = SIGNED_HASHES[algorithm]()
        if isinstance(key, EllipticCurvePublicKey):
            key.verify(signature, data, ECDSA(hash))
        else:
            key.verify(signature, data, _padding(padded, hash), hash)
    except (InvalidSignature, ValueError):
        return False
    return True


def _padding(padded: Padding, hash: hashes.HashAlgorithm) -> padding.AsymmetricPadding:
    if padded == "pkcs1":
        return padding.PKCS1v15()
    return padding.PSS(padding.MGF1(hash), padding.PSS.DIGEST_LENGTH)
