"""Usernames and addresses have one canonical form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from tidings.accounts.identifiers import NotCanonical, canonical_email, canonical_username
from tidings.accounts.schemas import Username

USERNAMES = TypeAdapter[str](Username)


def test_case_does_not_tell_usernames_apart() -> None:
    assert canonical_username("Ada.Lovelace") == "ada.lovelace"


@pytest.mark.parametrize("text", ["", "a b", "a@b", "ada\n", "ädä", "a" * 251])
def test_other_characters_make_no_username(text: str) -> None:
    with pytest.raises(NotCanonical):
        canonical_username(text)
    with pytest.raises(ValidationError):
        USERNAMES.validate_python(text)


@given(st.text(st.sampled_from("aBzZ09.-é \n"), max_size=12))
def test_what_crosses_the_wire_is_canonical(text: str) -> None:
    try:
        assert USERNAMES.validate_python(text) == canonical_username(text)
    except ValidationError:
        with pytest.raises(NotCanonical):
            canonical_username(text)


def test_a_username_is_described_by_the_same_pattern() -> None:
    described = {"type": "string", "minLength": 1, "maxLength": 250, "pattern": "^[a-zA-Z0-9.]+$"}
    assert USERNAMES.json_schema() == described
    with pytest.raises(ValidationError) as refused:
        USERNAMES.validate_python("a b")
    assert [each["type"] for each in refused.value.errors()] == ["string_pattern_mismatch"]


def test_case_and_composition_do_not_tell_addresses_apart() -> None:
    assert canonical_email("ADA@Example.org") == "ada@example.org"
    assert canonical_email("cafe\u0301@example.org") == canonical_email("caf\u00e9@EXAMPLE.org")


def test_an_intranet_address_is_an_address() -> None:
    assert canonical_email("ops@mailhost") == "ops@mailhost"


@pytest.mark.parametrize("text", ["", "ada", "@example.org", "a@b@c", "ada@exa mple.org", "a\r\nBcc: b@c.org"])
def test_other_texts_are_no_address(text: str) -> None:
    with pytest.raises(NotCanonical):
        canonical_email(text)


@given(st.text(max_size=300))
def test_a_canonical_address_is_its_own_canonical_form(text: str) -> None:
    try:
        address = canonical_email(text)
    except NotCanonical:
        return
    assert canonical_email(address) == address
    assert "\r" not in address
    assert "\n" not in address
