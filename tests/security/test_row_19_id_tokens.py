"""Row 19: the checks of an ID Token and of a discovery document as pure functions, over many made-up ones."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from tidings.accounts.identity_providers.discovery import read_metadata
from tidings.accounts.identity_providers.errors import ProviderUnusable
from tidings.accounts.identity_providers.id_tokens import IdTokenInvalid, UnknownKey, read_keys, verify_id_token

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MOMENT = int(NOW.timestamp())
ISSUER = "https://id.example"
KEY = ECKey.generate_key("P-256", {"kid": "first", "use": "sig"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
KEYS = read_keys({"keys": [KEY.as_dict(private=False), RSA.as_dict(private=False)]})
HONEST: dict[str, Any] = {
    "iss": ISSUER,
    "aud": "tidings",
    "sub": "subject-1",
    "nonce": "nonce",
    "iat": MOMENT,
    "exp": MOMENT + 300,
}
METADATA = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/jwks",
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def signed(claims: dict[str, Any], *, algorithm: str = "ES256", kid: str | None = "first") -> str:
    key = KEY if algorithm == "ES256" else RSA
    header = {"alg": algorithm} | ({} if kid is None else {"kid": kid})
    return jwt.encode(header, claims, key, registry=jws.JWSRegistry(algorithms=[algorithm]))


def verify(token: str, keys: Any = KEYS) -> Any:
    return verify_id_token(token, keys, issuer=ISSUER, client_id="tidings", nonce="nonce", access_token=None, now=NOW)


def test_row_19_an_honest_token_is_believed() -> None:
    assert verify(signed(HONEST))["sub"] == "subject-1"
    assert verify(signed(HONEST | {"aud": ["tidings"], "azp": "tidings"}))["sub"] == "subject-1"


@given(st.sampled_from(["iss", "aud", "nonce"]), JSON)
def test_row_19_no_other_value_passes_for_the_right_one(name: str, value: object) -> None:
    if value in (HONEST[name], [HONEST[name]]):
        return
    with pytest.raises(IdTokenInvalid):
        verify(signed(HONEST | {name: value}))


@given(JSON)
def test_row_19_a_time_is_a_number_near_now(value: object) -> None:
    with pytest.raises(IdTokenInvalid):
        verify(signed(HONEST | {"exp": value}) if not is_ahead(value) else signed(HONEST | {"iat": value}))


def is_ahead(value: object) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float) and value > MOMENT - 60


@given(st.integers(0, 5_000), st.integers(0, 255))
def test_row_19_no_byte_of_a_token_can_be_changed(place: int, byte: int) -> None:
    token = bytearray(signed(HONEST).encode())
    place %= len(token)
    if token[place] == byte:
        return
    token[place] = byte
    try:
        text = token.decode("ascii")
    except UnicodeDecodeError:
        return
    head, _, tail = text.rpartition(".")
    honest_head, _, honest_tail = signed(HONEST).rpartition(".")
    if head == honest_head and decoded(tail) == decoded(honest_tail):
        return  # the last character of base64 has bits that mean nothing
    with pytest.raises(IdTokenInvalid):
        verify(text)


def decoded(part: str) -> bytes | None:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        return None


@given(st.text(max_size=200))
def test_row_19_what_is_no_token_proves_nothing(text: str) -> None:
    with pytest.raises(IdTokenInvalid):
        verify(text)


@pytest.mark.parametrize("algorithm", ["none", "HS256", "HS512", "RS1", "", None, 7, ["ES256"]])
def test_row_19_an_algorithm_outside_the_list_is_not_looked_up(algorithm: object) -> None:
    header = base64.urlsafe_b64encode(json.dumps({"alg": algorithm, "kid": "first"}).encode()).rstrip(b"=").decode()
    with pytest.raises(IdTokenInvalid):
        verify(".".join([header, *signed(HONEST).split(".")[1:]]))


def test_row_19_a_key_signs_only_with_its_own_kind_of_algorithm() -> None:
    token = signed(HONEST, algorithm="RS256", kid="first")  # names the elliptic key
    with pytest.raises(UnknownKey):
        verify(token)


def test_row_19_a_key_that_names_its_algorithm_signs_with_no_other() -> None:
    keys = read_keys({"keys": [{**RSA.as_dict(private=False), "alg": "RS256"}]})
    assert verify(signed(HONEST, algorithm="RS256", kid="rsa"), keys)["sub"] == "subject-1"
    with pytest.raises(UnknownKey):
        verify(signed(HONEST, algorithm="PS256", kid="rsa"), keys)


def test_row_19_among_several_keys_the_token_must_name_one() -> None:
    other = ECKey.generate_key("P-256", {"kid": "second"})
    both = read_keys({"keys": [KEY.as_dict(private=False), other.as_dict(private=False)]})
    with pytest.raises(UnknownKey):
        verify(signed(HONEST, kid=None), both)
    assert verify(signed(HONEST, kid=None), both[:1])["sub"] == "subject-1"


def test_row_19_shared_and_encryption_keys_are_passed_over() -> None:
    shared = OctKey.generate_key(256, {"kid": "first"}).as_dict(private=True)
    assert read_keys({"keys": [shared, {**KEY.as_dict(private=False), "use": "enc"}]}) == []


def test_row_19_a_weak_rsa_key_is_passed_over() -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - weak on purpose
    numbers = private.public_key().public_numbers()
    weak = {"kty": "RSA", "kid": "weak", "e": "AQAB", "n": in_base64(numbers.n.to_bytes(128))}
    assert read_keys({"keys": [weak]}) == []
    assert len(read_keys({"keys": [{**RSA.as_dict(private=False), "kid": "strong"}]})) == 1


def in_base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@given(JSON)
def test_row_19_no_key_set_whatever_it_holds_breaks_the_reader(document: object) -> None:
    assert read_keys(document) == []
    assert read_keys({"keys": [document, {"kty": document, "n": document}]}) == []


@given(JSON)
def test_row_19_no_discovery_document_of_another_issuer_is_read(issuer: object) -> None:
    if issuer == ISSUER:
        return
    with pytest.raises(ProviderUnusable):
        read_metadata(METADATA | {"issuer": issuer}, ISSUER)


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"])
@given(value=JSON.filter(lambda value: value is not None))
def test_row_19_an_endpoint_is_a_url(name: str, value: object) -> None:
    with pytest.raises(ProviderUnusable):
        read_metadata(METADATA | {name: value}, ISSUER)


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"])
@pytest.mark.parametrize(
    "value",
    [
        "",
        "/relative",
        "http://id.example/in-the-clear",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://user@evil.example/",
        "https://id.example/#fragment",
        "https://id.example\\@evil.example/",
    ],
)
def test_row_19_an_endpoint_of_another_kind_is_not_used(name: str, value: str) -> None:
    with pytest.raises(ProviderUnusable):
        read_metadata(METADATA | {name: value}, ISSUER)


def test_row_19_a_plain_document_is_read() -> None:
    metadata = read_metadata(METADATA, ISSUER)
    assert (metadata.userinfo_endpoint, metadata.answers_with_issuer) == (None, False)
    assert metadata.token_auth_methods == ("client_secret_basic",)
