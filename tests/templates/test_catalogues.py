"""The thirteen catalogues: all there, all alike, all well formed."""

import gettext
import re
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from tests.templates.samples import WORDED
from tidings.accounts.change_letters import TOLD_WHERE_THEY_ARE_MADE
from tidings.accounts.events import CredentialKind
from tidings.accounts.letters import LETTERS
from tidings.accounts.types import Language
from tidings.notifications.kinds import BUILT_IN
from tidings.templates import catalogue as catalogues
from tidings.templates.languages import LOCALES, locale_of, plural_categories
from tidings.templates.sandbox import Sandbox

LANGUAGES = sorted(LOCALES)
FOLDER = Path(catalogues.__file__).with_name("locales")
PAGE = {f"page.unsubscribe.{part}" for part in ("title", "question", "button", "done_title", "done")}
FURNITURE = {
    *("account_why", "act", "address_why", "browser", "button", "fact", "footer", "greeting", "ignore"),
    *("link", "link_life", "mfa.button", "preferences", "unsubscribe", "why"),
    *(f"fact.{name}" for name in ("browser", "change", "device", "email", "invited_by", "ip", "place", "time")),
    *(f"change.{what}" for what in get_args(CredentialKind) if what not in TOLD_WHERE_THEY_ARE_MADE),
}
WITHOUT_A_BUTTON = {"rejected", "mfa_on", "mfa_off", "sign_in_changed"}
MAIL = {f"letter.{part}" for part in FURNITURE} | {
    f"letter.{name}.{part}"
    for name in LETTERS
    for part in ("subject", "body", "button")
    if part != "button" or name not in WITHOUT_A_BUTTON
}
BUTTONS = {
    f"kind.{key}.email.button"
    for key in ("integration.token_expired", "account.approval_requested", "account.security", "account.export_ready")
}
TYPED = [0, 1, 2, 3, 4, 5, 10, 11, 12, 21, 22, 99, 100, 101, 102, 103, 104, 105, 111, 1_000, 999_999, 1_000_000]
VALUE = re.compile(r"\b(?:data\.\w+|(?<=\{\{ )\w+\b(?!\.))")
PLURAL = {"kind.streak.title", "letter.link_life"}


def read(language: str) -> Catalog:
    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, abort_invalid=True)


def messages(language: str) -> dict[str, Message]:
    return {str(message.context): message for message in read(language) if message.id}


def forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def english() -> dict[str, str]:
    """What the code says in English, by key."""
    parts = {
        f"kind.{kind.key}.{part}": text
        for kind in BUILT_IN
        for part, text in (("title", kind.title), ("message", kind.message), ("why", kind.why))
    }
    return {key: text for key, text in parts.items() if text is not None}


def test_there_is_one_for_each_language_and_no_other() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {f"{language}.po" for language in Language}
    assert {language.value for language in Language} == set(LOCALES)


def test_the_kinds_with_words_use_the_house_catalogue() -> None:
    assert {kind.catalogue for kind in WORDED} == {catalogues.HOUSE}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_is_there_once_and_no_other(language: str) -> None:
    found = Counter(str(message.context) for message in read(language) if message.id)
    assert found == Counter(english().keys() | PAGE | MAIL | BUTTONS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_translated(language: str) -> None:
    unfinished = [key for key, each in messages(language).items() if each.fuzzy or not all(forms(each))]
    assert unfinished == []


def test_the_english_catalogue_says_what_the_kinds_say() -> None:
    last = {key: forms(message)[-1] for key, message in messages("us").items()}
    assert {key: last[key] for key in english()} == english()


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_translates_the_present_english(language: str) -> None:
    """A changed English text asks for new translations."""
    assert {key: message.id for key, message in messages(language).items()} == {
        key: tuple(found) if len(found := forms(message)) > 1 else found[0] for key, message in messages("us").items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_values_in_a_text_are_those_of_the_english_one(language: str) -> None:
    wanted = {key: set(VALUE.findall(forms(message)[0])) for key, message in messages("us").items()}
    assert {
        (key, frozenset(VALUE.findall(form))) for key, message in messages(language).items() for form in forms(message)
    } == {(key, frozenset(values)) for key, values in wanted.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_a_template(language: str) -> None:
    sandbox = Sandbox()
    for message in messages(language).values():
        for form in forms(message):
            sandbox.from_string(form)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_header_names_the_language(language: str) -> None:
    headers = dict(read(language).mime_headers)
    assert (headers["Language"], headers["Content-Type"]) == (LOCALES[language], "text/plain; charset=utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plural_rule_is_the_one_of_unicode(language: str) -> None:
    """Translators' tools go by the header, Tidings by Unicode: they must choose the same form."""
    count, _, rule = read(language).plural_forms.partition(";")
    choose = gettext.c2py(rule.partition("=")[2].rstrip("; "))
    categories = plural_categories(language)
    assert count == f"nplurals={len(categories)}"
    assert [choose(number) for number in TYPED] == [
        categories.index(locale_of(language).plural_form(number)) for number in TYPED
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_texts_have_every_form(language: str) -> None:
    several = {key: len(forms(message)) for key, message in messages(language).items() if message.pluralizable}
    assert several == dict.fromkeys(PLURAL, len(plural_categories(language)))


def test_portuguese_is_european() -> None:
    assert locale_of("pt") == Locale("pt", "PT")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_languages_have_the_same_words(language: str) -> None:
    mine = {key: forms(message) for key, message in messages(language).items()}
    same_everywhere = {"kind.account.security.message", "letter.fact", "letter.link", "letter.greeting"}
    for other in set(LANGUAGES) - {language}:
        theirs = {key: forms(message) for key, message in messages(other).items()}
        shared = [key for key in mine if mine[key] == theirs[key] and key not in same_everywhere]
        assert len(shared) < len(mine) / 3, f"{other}: {shared}"
