"""A secret opens in its own place, with a key that is known, and nowhere else."""

import base64

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tidings.kernel.crypto import Keyring, UnreadableSecret, WeakKey, digest, new_key_text, new_token, parse_keys

KEYRING = parse_keys(new_key_text())
places = st.text(st.characters(codec="utf-8"), max_size=40)


@given(st.binary(max_size=200), places)
def test_what_was_sealed_opens_in_its_place(plain: bytes, place: str) -> None:
    assert KEYRING.unseal(KEYRING.seal(plain, place=place), place=place) == plain


@given(st.binary(max_size=200), places, places)
def test_what_was_moved_stays_shut(plain: bytes, place: str, elsewhere: str) -> None:
    assume(place != elsewhere)
    sealed = KEYRING.seal(plain, place=place)
    with pytest.raises(UnreadableSecret):
        KEYRING.unseal(sealed, place=elsewhere)


@given(st.binary(min_size=1, max_size=50), st.data())
def test_what_was_altered_stays_shut(plain: bytes, data: st.DataObject) -> None:
    key_id, _, body = KEYRING.seal(plain, place="here").partition(":")
    raw = bytearray(base64.urlsafe_b64decode(body))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(UnreadableSecret):
        KEYRING.unseal(f"{key_id}:{base64.urlsafe_b64encode(raw).decode()}", place="here")


@given(st.text(max_size=100))
def test_no_other_text_opens(text: str) -> None:
    with pytest.raises(UnreadableSecret):
        KEYRING.unseal(text, place="here")


def test_the_same_secret_never_looks_alike_twice() -> None:
    assert KEYRING.seal(b"secret", place="here") != KEYRING.seal(b"secret", place="here")


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    old_text, new_text = new_key_text("old"), new_key_text("new")
    sealed = parse_keys(old_text).seal(b"secret", place="here")
    both = parse_keys(f"{new_text},{old_text}")
    assert both.unseal(sealed, place="here") == b"secret"
    assert both.seal(b"secret", place="here").startswith("new:")
    with pytest.raises(UnreadableSecret):
        parse_keys(new_text).unseal(sealed, place="here")


def text_of(key: bytes, key_id: str = "k1") -> str:
    return f"{key_id}:{base64.b64encode(key).decode()}"


GOOD, OTHER = bytes(range(32)), bytes(range(32, 64))
WEAK = {
    "nothing": "",
    "no key": "k1:",
    "no name": "nonsense",
    "16 bytes": text_of(bytes(range(16))),
    "33 bytes": text_of(bytes(range(33))),
    "zeros": text_of(bytes(32)),
    "a word": text_of(b"password" * 4),
    "an empty name": text_of(GOOD, ""),
    "a name with a space": text_of(GOOD, "k 1"),
    "no base64": "k1:" + "*" * 44,
    "one name twice": text_of(GOOD) + "," + text_of(OTHER),
    "a comma too many": text_of(GOOD) + ",",
}


@pytest.mark.parametrize("text", WEAK.values(), ids=WEAK)
def test_a_weak_or_malformed_key_is_refused(text: str) -> None:
    with pytest.raises(WeakKey):
        parse_keys(text)


def test_a_refusal_does_not_repeat_the_key() -> None:
    key = bytes(range(16))
    with pytest.raises(WeakKey) as refused:
        parse_keys(text_of(key))
    assert base64.b64encode(key).decode() not in str(refused.value)


def test_a_key_in_url_safe_base64_is_taken() -> None:
    key = bytes(range(30)) + b"\xff\xfe"
    assert parse_keys(f"k1:{base64.urlsafe_b64encode(key).decode()}") == Keyring("k1", {"k1": key})


def test_a_signature_is_for_one_purpose_and_one_message() -> None:
    signed = {KEYRING.sign(purpose, message) for purpose in ("a", "ab") for message in (b"b", b"", b"c")}
    assert len(signed) == 6


def test_tokens_are_unguessable_and_stored_as_digests() -> None:
    token = new_token("tdk_")
    assert token.startswith("tdk_")
    assert len(token) >= 46
    assert digest(token) == digest(token) != digest(new_token("tdk_"))
