"""What the built-in kinds say, in every language."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from tests.templates.catalogues import pseudo_catalogue, untranslated
from tests.templates.samples import SAMPLES, WORDED, every_sample, named, said
from tidings.accounts.change_letters import TOLD_WHERE_THEY_ARE_MADE
from tidings.accounts.events import CredentialKind
from tidings.accounts.types import Language
from tidings.notifications.content import NewEvent, text_of
from tidings.notifications.types import NotificationType
from tidings.templates.languages import LOCALES
from tidings.templates.phrases import phrase

LEFT_OVER = re.compile(r"[{}_%]|\bNone\b|Undefined|  ")


def test_every_kind_with_words_has_a_sample() -> None:
    assert set(SAMPLES) == {kind.key for kind in WORDED}


@pytest.mark.parametrize("language", sorted(LOCALES))
@pytest.mark.parametrize(("kind", "data"), every_sample(), ids=lambda value: getattr(value, "key", None))
def test_it_reads_well(kind: NotificationType, data: Mapping[str, Any], language: str) -> None:
    text = said(kind, data, language)
    assert text.title
    assert len(text.title) <= 80, "a title is short"
    assert not [each for each in (text.title, text.message, text.why) if each and LEFT_OVER.search(each)]


@pytest.mark.parametrize(("kind", "data"), every_sample(), ids=lambda value: getattr(value, "key", None))
def test_nothing_is_said_outside_the_catalogue(kind: NotificationType, data: Mapping[str, Any], tmp_path: Path) -> None:
    text = said(replace(kind, catalogue=pseudo_catalogue(tmp_path)), data)
    values = ["12,500", "1,000,000", "A and B", *(str(value) for value in data.values()), "Strava"]
    assert [untranslated(each, values) for each in (text.title, text.message, text.why or "")] == ["", "", ""]


@pytest.mark.parametrize(
    ("language", "title", "message"),
    [
        ("us", "New follower request", "Emmy wants to follow you."),
        ("de", "Neue Follower-Anfrage", "Emmy möchte Ihnen folgen."),
        ("fr", "Nouvelle demande d’abonnement", "Emmy souhaite vous suivre."),
        ("es", "Nueva solicitud de seguimiento", "Emmy quiere seguirle."),
        ("cn", "新的关注请求", "Emmy 希望关注您。"),
    ],
)
def test_it_is_said_in_the_readers_words(language: str, title: str, message: str) -> None:
    text = said(named("follower.requested"), SAMPLES["follower.requested"][0], language)
    assert (text.title, text.message) == (title, message)


@pytest.mark.parametrize(
    ("language", "days", "title"),
    [
        ("us", 1, "1 day in a row"),
        ("us", 0, "0 days in a row"),
        ("de", 1, "1 Tag in Folge"),
        ("de", 1_200, "1.200 Tage in Folge"),
        ("fr", 0, "0 jour d’affilée"),
        ("fr", 2, "2 jours d’affilée"),
        ("fr", 1_000_000, "1\u202f000\u202f000 de jours d’affilée"),
        ("pt", 0, "0 dias seguidos"),
        ("sl", 101, "101 dan zapored"),
        ("sl", 2, "2 dneva zapored"),
        ("sl", 3, "3 dnevi zapored"),
        ("sl", 7, "7 dni zapored"),
        ("cn", 1, "连续 1 天"),
    ],
)
def test_the_plural_follows_the_language(language: str, days: int, title: str) -> None:
    assert said(named("streak"), {"streak_days": days}, language).title == title


@pytest.mark.parametrize("key", ["achievement", "level_up", "streak"])
def test_a_sender_with_a_title_needs_no_data(key: str) -> None:
    text = text_of(NewEvent(type=named(key), to=("ada",), title="Well done").said, None, Language.GERMAN)
    assert (text.title, text.message) == ("Well done", "")


def test_a_change_that_the_house_does_not_know_is_told_as_given() -> None:
    assert said(named("account.security"), {"change": "Ein neuer Schlüssel"}, "de").message == "Ein neuer Schlüssel"


@pytest.mark.parametrize("language", sorted(LOCALES))
def test_a_change_is_said_in_the_inbox_as_by_mail(language: str) -> None:
    by_mail = set(get_args(CredentialKind)) - TOLD_WHERE_THEY_ARE_MADE
    said_here = {what: said(named("account.security"), {"change": what}, language).message for what in by_mail}
    assert said_here == {what: phrase(f"letter.change.{what}", language, {}) for what in by_mail}
    assert len(set(said_here.values())) == len(by_mail)


def test_values_are_data_not_templates() -> None:
    hostile = "{{ 7 + 7 }}{% for i in range(9) %}"
    assert said(named("follower.requested"), {"user_name": hostile}, "nl").message == f"{hostile} wil u volgen."
