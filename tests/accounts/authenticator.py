"""A small authenticator: it makes passkeys and signs with them as a phone or a security key does (WebAuthn Level 3)."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

USER_PRESENT, USER_VERIFIED, BACKUP_ELIGIBLE, BACKED_UP, HAS_CREDENTIAL = 0x01, 0x04, 0x08, 0x10, 0x40
_AAGUID = bytes(16)


@dataclass(kw_only=True)
class Authenticator:
    """One passkey, in a browser on the page `origin`, which asks for the passkeys of `host`.

    A dishonest one says another origin, host or counter than it should.
    """

    origin: str
    host: str = ""
    verifies_user: bool = True
    in_frame: bool = False
    counter: int = 0
    counts_by: int = 1
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    user_handle: bytes = b""

    def __post_init__(self) -> None:
        self.host = self.host or urlsplit(self.origin).hostname or ""

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.create` gives for these options, as JSON."""
        self.user_handle = unpacked(options["user"]["id"])
        data = self._authenticator_data(HAS_CREDENTIAL) + self._credential()
        attestation = {"fmt": "none", "attStmt": {}, "authData": data}
        return self._answer(
            {
                "clientDataJSON": packed(self._client_data("webauthn.create", options["challenge"])),
                "attestationObject": packed(encode_cbor(attestation)),
                "transports": ["internal", "hybrid"],
            }
        )

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.get` gives for these options, as JSON."""
        self.counter += self.counts_by
        data = self._authenticator_data(0)
        client_data = self._client_data("webauthn.get", options["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            {
                "clientDataJSON": packed(client_data),
                "authenticatorData": packed(data),
                "signature": packed(signature),
                "userHandle": packed(self.user_handle),
            }
        )

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        name = packed(self.credential_id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "response": response,
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
        }

    def _client_data(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.in_frame}
        return json.dumps(said).encode()

    def _authenticator_data(self, flags: int) -> bytes:
        flags |= USER_PRESENT | BACKUP_ELIGIBLE | BACKED_UP | (USER_VERIFIED if self.verifies_user else 0)
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")

    def _credential(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        return _AAGUID + len(self.credential_id).to_bytes(2, "big") + self.credential_id + encode_cbor(cose)


def packed(plain: bytes) -> str:
    """Base64url as WebAuthn writes it, without padding."""
    return urlsafe_b64encode(plain).rstrip(b"=").decode()


def unpacked(text: str) -> bytes:
    """The bytes of base64url without padding."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
