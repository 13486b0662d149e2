"""Secrets at rest: AES-256-GCM under a named key, bound to the row and column it stands in; digests for tokens.

NIST SP 800-38D. A sealed value is `<key id>:<base64 of nonce + ciphertext + tag>`; moved to another row it fails.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
_KEY_BYTES = 32
_TOKEN_BYTES = 32


class WeakKey(ValueError):
    """A secret key is not 32 random bytes."""


class UnreadableSecret(ValueError):
    """A sealed value was altered, moved to another place, or its key is gone."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """Keys by id. `primary` encrypts, all decrypt, so that a key can be replaced without a stop."""

    primary: str
    keys: Mapping[str, bytes]

    def seal(self, plain: bytes, *, place: str) -> str:
        """Encrypt for one place (`table.column:row id`); the same plain text never seals alike twice."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(self.keys[self.primary]).encrypt(nonce, plain, place.encode())
        return f"{self.primary}:{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def unseal(self, sealed: str, *, place: str) -> bytes:
        """What was sealed for this very place. Raises UnreadableSecret otherwise."""
        key_id, _, body = sealed.partition(":")
        try:
            raw = base64.urlsafe_b64decode(body)
            return AESGCM(self.keys[key_id]).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], place.encode())
        except (KeyError, InvalidTag, binascii.Error, ValueError) as error:
            raise UnreadableSecret(f"cannot read the secret at {place}") from error

    def sign(self, purpose: str, message: bytes) -> bytes:
        """A 16-byte authenticator of `message` for one purpose; it changes with the primary key."""
        return self._signature(self.primary, purpose, message)

    def signatures(self, purpose: str, message: bytes) -> Sequence[bytes]:
        """What `sign` gives under every key, the primary's first: an authenticator that is kept may be of any."""
        others = (key_id for key_id in self.keys if key_id != self.primary)
        return [self._signature(key_id, purpose, message) for key_id in (self.primary, *others)]

    def _signature(self, key_id: str, purpose: str, message: bytes) -> bytes:
        return hmac.digest(self.keys[key_id], purpose.encode() + b"\0" + message, hashlib.sha256)[:16]


def parse_keys(text: str) -> Keyring:
    """Read `<key id>:<32 bytes in base64>[,…]`; the first encrypts. Raises WeakKey for anything weaker."""
    keys: dict[str, bytes] = {}
    for part in text.split(","):
        key_id, separator, body = part.strip().partition(":")
        try:
            key = base64.b64decode(body, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise WeakKey("a secret key is not base64") from error
        if not separator or not key_id.isalnum() or len(key) != _KEY_BYTES or len(set(key)) < 16:
            raise WeakKey("a secret key must be <id>:<32 random bytes in base64>; `openssl rand -base64 32` makes one")
        if key_id in keys:
            raise WeakKey(f"two secret keys are named {key_id!r}")
        keys[key_id] = key
    return Keyring(next(iter(keys)), keys)


def new_key_text(key_id: str = "k1") -> str:
    """A fresh random key in the form `parse_keys` reads."""
    return f"{key_id}:{base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()}"


def new_token(prefix: str = "") -> str:
    """An unguessable token of 256 bits; only its digest is ever stored."""
    return prefix + secrets.token_urlsafe(_TOKEN_BYTES)


def digest(token: str) -> bytes:
    """What is stored of a token. The token is random, so a plain hash cannot be searched."""
    return hashlib.sha256(token.encode()).digest()
