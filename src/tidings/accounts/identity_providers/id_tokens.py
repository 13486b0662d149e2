"""Checking an ID Token (OpenID Connect Core 1.0 §3.1.3.7). A pure function of the token, the keys and the time.

What is stricter than the text: one audience and no other; a signature always, also over TLS; no algorithm with a
shared key; no RSA key under 2,048 bits; an issue time at most ten minutes old, because a token comes fresh.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

LEEWAY = timedelta(seconds=60)
FRESH = timedelta(minutes=10)
MAX_LENGTH = 64 * 1024
MAX_SUBJECT = 255
MIN_RSA_BITS, MAX_RSA_BITS = 2_048, 16_384
_HASHES = {"RS256": "sha256", "PS256": "sha256", "ES256": "sha256", "EdDSA": "sha512", "Ed25519": "sha512"}
_KEYS: Mapping[str, type[Key]] = {"RS256": RSAKey, "PS256": RSAKey, "ES256": ECKey, "EdDSA": OKPKey, "Ed25519": OKPKey}


class IdTokenInvalid(ValueError):
    """The token proves nothing; the message says which check failed, for the log alone."""


class UnknownKey(IdTokenInvalid):
    """The token names a key that is not among those known: the provider may have a new one."""


class _Algorithms(jws.JWSRegistry):
    """The allowed algorithms. RFC 8037 calls Ed25519 `EdDSA`, and RFC 9864 by its own name: it is the same."""

    def get_alg(self, name: str) -> Any:  # Any: the library's own model of an algorithm
        """The algorithm of that name. Raises UnsupportedAlgorithmError for every other."""
        return super().get_alg("Ed25519" if name == "EdDSA" else name)


_registry = _Algorithms(algorithms=["RS256", "PS256", "ES256", "Ed25519"], strict_check_header=False)


def read_keys(document: object) -> Sequence[Key]:
    """The public signature keys of a JWK Set (RFC 7517); one that nobody understands is passed over."""
    entries = document.get("keys") if isinstance(document, dict) else None
    keys = [_read_key(entry) for entry in (entries if isinstance(entries, list) else [])[:100]]
    return [key for key in keys if key is not None]


def verify_id_token(
    token: str,
    keys: Sequence[Key],
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    access_token: str | None,
    now: datetime,
) -> Mapping[str, Any]:  # Any: a claim is any JSON value
    """The claims, once every check has passed. Raises IdTokenInvalid; UnknownKey when other keys might do."""
    header, claims = _signed(token, keys)
    _check_parties(claims, issuer, client_id)
    _check_times(claims, now)
    if claims.get("nonce") != nonce:
        raise IdTokenInvalid("nonce")
    if "at_hash" in claims and claims["at_hash"] != _half_hash(access_token or "", header["alg"]):
        raise IdTokenInvalid("at_hash")
    return claims


def _signed(token: str, keys: Sequence[Key]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    if len(token) > MAX_LENGTH:
        raise IdTokenInvalid("length")
    try:
        header = jws.extract_compact(token.encode()).headers()
        decoded = jwt.decode(token, _key_for(header, keys), registry=_registry)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        if isinstance(error, IdTokenInvalid):
            raise
        raise IdTokenInvalid("signature") from error
    return decoded.header, decoded.claims


def _key_for(header: Mapping[str, Any], keys: Sequence[Key]) -> Key:
    fitting = [key for key in keys if isinstance(key, _KEYS[header["alg"]]) and key.get("alg") in (None, header["alg"])]
    kid = header.get("kid")
    named = fitting if kid is None else [key for key in fitting if key.kid == kid]
    if len(named) != 1:  # without a name, a single key is meant and among several none
        raise UnknownKey("key")
    return named[0]


def _check_parties(claims: Mapping[str, Any], issuer: str, client_id: str) -> None:
    if claims.get("iss") != issuer:
        raise IdTokenInvalid("issuer")
    if claims.get("aud") not in (client_id, [client_id]):
        raise IdTokenInvalid("audience")
    if claims.get("azp", client_id) != client_id:
        raise IdTokenInvalid("authorized party")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT or not subject.isprintable():
        raise IdTokenInvalid("subject")


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    moment = now.timestamp()
    expires, issued = _number(claims, "exp"), _number(claims, "iat")
    if expires <= moment - LEEWAY.total_seconds():
        raise IdTokenInvalid("expired")
    if not moment - FRESH.total_seconds() <= issued <= moment + LEEWAY.total_seconds():
        raise IdTokenInvalid("issue time")
    if "nbf" in claims and _number(claims, "nbf") > moment + LEEWAY.total_seconds():
        raise IdTokenInvalid("not yet valid")


def _number(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e11:
        raise IdTokenInvalid(name)
    return value


def _half_hash(text: str, algorithm: str) -> str:
    whole = hashlib.new(_HASHES[algorithm], text.encode()).digest()
    return base64.urlsafe_b64encode(whole[: len(whole) // 2]).rstrip(b"=").decode()


def _read_key(entry: object) -> Key | None:
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
        return None
    kinds: Mapping[str, type[RSAKey] | type[ECKey] | type[OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
    kind = kinds.get(str(entry.get("kty")))
    if kind is None:  # also a shared key: whoever publishes one has none
        return None
    # The public half alone, whatever else the entry carries.
    public = {name: entry[name] for name in ("kty", "kid", "use", "alg", "n", "e", "crv", "x", "y") if name in entry}
    try:
        return kind.import_key(public) if kind is not RSAKey or _is_usable(entry.get("n")) else None
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _is_usable(number: object) -> bool:
    """Whether this is the modulus of an RSA key that is neither weak nor made to keep us busy."""
    if not isinstance(number, str) or len(number) > MAX_RSA_BITS:
        return False
    modulus = base64.urlsafe_b64decode(number + "=" * (-len(number) % 4))
    return MIN_RSA_BITS <= int.from_bytes(modulus).bit_length() <= MAX_RSA_BITS
