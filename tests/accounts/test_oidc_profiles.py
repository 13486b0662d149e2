"""What a provider says of a person, in the words of a profile."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidings.accounts.identities.flows import local_path
from tidings.accounts.identities.profiles import email_of, language_of, usernames_for
from tidings.accounts.identity_providers.types import ProvenIdentity
from tidings.accounts.types import Language


def known_as(**said: str | None) -> ProvenIdentity:
    return ProvenIdentity(issuer="https://id.example", subject="s", **said)  # type: ignore[arg-type] # texts alone


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("de", Language.GERMAN),
        ("de-CH", Language.GERMAN),
        ("pt_BR", Language.PORTUGUESE),
        ("en", Language.ENGLISH_US),
        ("en-GB", Language.ENGLISH_US),
        ("zh-Hant-TW", Language.CHINESE_TRADITIONAL),
        ("zh-TW", Language.CHINESE_TRADITIONAL),
        ("zh", Language.CHINESE_SIMPLIFIED),
        ("zh-CN", Language.CHINESE_SIMPLIFIED),
        ("fi", None),
        ("", None),
        (None, None),
        ("-", None),
    ],
)
def test_a_locale_is_one_of_our_languages_or_none(locale: str | None, language: Language | None) -> None:
    assert language_of(locale) is language


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ({"username": "Ada.Lovelace"}, "ada.lovelace"),
        ({"username": "ada@corp.example"}, "ada"),
        ({"email": "Ada+news@example.org"}, "adanews"),
        ({"username": "Ädà_Ł", "email": "x@example.org"}, "d"),
        ({"username": "李"}, "user"),
        ({}, "user"),
        ({"username": "..."}, "user"),
    ],
)
def test_the_most_natural_user_name_comes_first(said: dict[str, str], first: str) -> None:
    assert next(usernames_for(known_as(**said))) == first


@given(st.text(max_size=250), st.text(max_size=250))
def test_every_user_name_tried_is_one(username: str, email: str) -> None:
    tried = list(usernames_for(known_as(username=username, email=email)))
    assert len(set(tried)) >= 6
    assert all(re.fullmatch(r"[a-z0-9.]{1,250}", name) for name in tried)


@given(st.text(max_size=250))
def test_an_address_is_canonical_or_none(email: str) -> None:
    found = email_of(known_as(email=email))
    assert found is None or ("@" in found and found == found.lower())


@given(st.text(max_size=600))
def test_a_path_to_come_back_to_stays_on_this_site(wanted: str) -> None:
    path = local_path(wanted, otherwise="/inbox")
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
    assert not re.search(r"[\s\\\x00-\x1f]", path)
