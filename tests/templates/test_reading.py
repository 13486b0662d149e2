"""Everybody reads in their own language, through the API."""

import html
import re
from pathlib import Path
from uuid import UUID

import pytest

from tests.notifications.answers import refusal
from tests.templates.catalogues import pseudo_catalogue, untranslated, write_catalogue
from tests.world import App, Person, World
from tidings import NotificationType, Tidings
from tidings.accounts.types import Language
from tidings.notifications.unsubscribing import Unsubscription, make_token, page
from tidings.settings import Settings
from tidings.templates.catalogue import HOUSE, Catalogue


@pytest.fixture
async def readers(world: World) -> dict[Language, Person]:
    """One person for each language."""
    return {each: await world.make_person(f"reads.{each.value}", preferred_language=each) for each in Language}


async def test_one_event_is_told_to_each_in_their_own_words(app: App, readers: dict[Language, Person]) -> None:
    event = {
        "to": [str(person.id) for person in readers.values()],
        "type": "follower.requested",
        "data": {"user_name": "Emmy"},
    }
    sent = await app.client.post("/notifications", json=event)
    assert sent.status_code == 201, sent.text
    entries = dict(zip(readers, [each["id"] for each in sent.json()["notifications"]], strict=True))
    read = {language: await person.sees(entries[language]) for language, person in readers.items()}
    assert {language: (entry["title"], entry["message"], entry["reason"]) for language, entry in read.items()} == {
        language: tuple(
            (HOUSE.text(f"kind.follower.requested.{part}", language) or "").replace("{{ data.user_name }}", "Emmy")
            for part in ("title", "message", "why")
        )
        for language in Language
    }
    assert len({entry["title"] for entry in read.values()}) == len(Language)


async def test_a_senders_words_are_left_as_they_are(readers: dict[Language, Person]) -> None:
    german = readers[Language.GERMAN]
    entry = await german.receives("follower.accepted", title="Hello", data={"user_name": "Emmy"})
    assert (entry["title"], entry["message"]) == ("Hello", "Emmy hat Ihre Anfrage angenommen.")


async def test_numbers_choose_the_plural(app: App, readers: dict[Language, Person]) -> None:
    slovenian = readers[Language.SLOVENIAN]
    titles = []
    for days in (1, 2, 3, 5):
        event = {"to": [str(slovenian.id)], "type": "streak", "data": {"streak_days": days}}
        sent = await app.client.post("/notifications", json=event)
        titles.append((await slovenian.sees(sent.json()["notifications"][0]["id"]))["title"])
    assert titles == ["1 dan zapored", "2 dneva zapored", "3 dnevi zapored", "5 dni zapored"]


@pytest.mark.parametrize("data", [{}, {"streak_days": "many"}, {"streak_days": True}, {"streak_days": None}])
async def test_a_number_that_is_none_is_refused(app: App, ada: Person, data: dict[str, object]) -> None:
    answer = await app.client.post("/notifications", json={"to": [str(ada.id)], "type": "streak", "data": data})
    assert refusal(answer) == (422, "text_not_rendered")
    assert await ada.titles() == []


def page_texts(shown: str) -> list[str]:
    """The words of a page, tags and what is in its head's tags aside."""
    return [html.unescape(text) for text in re.findall(r">([^<]+)<", shown)]


@pytest.mark.parametrize("language", [Language.GERMAN, Language.CHINESE_TRADITIONAL, Language.PORTUGUESE])
async def test_the_unsubscribe_page_speaks_to_its_reader(
    readers: dict[Language, Person], world: World, language: Language
) -> None:
    client = world.client()
    token = make_token(world.tidings.keyring, Unsubscription(readers[language].id, "insight"))
    link = f"/notifications/unsubscribe/{token}"
    before, after = await client.get(link), await client.post(link, headers={"Accept": "text/html"})
    said = [HOUSE.text(f"page.unsubscribe.{part}", language) for part in ("title", "question", "button")]
    assert f'<html lang="{language.tag}">' in before.text
    assert page_texts(before.text)[1:] == [str(text).replace("{{ kind }}", "insight") for text in said]
    assert str(HOUSE.text("page.unsubscribe.done_title", language)) in after.text


async def test_the_page_of_somebody_who_is_gone_is_in_english(world: World) -> None:
    token = make_token(world.tidings.keyring, Unsubscription(UUID(int=7), "insight"))
    shown = await world.client().get(f"/notifications/unsubscribe/{token}")
    assert (shown.status_code, '<html lang="en-US">' in shown.text) == (200, True)


@pytest.mark.parametrize("done", [False, True])
def test_the_page_says_nothing_outside_the_catalogue(tmp_path: Path, done: bool) -> None:
    wanted = Unsubscription(UUID(int=7), "insight")
    shown = page(wanted, Language.ENGLISH_US, done=done, catalogue=pseudo_catalogue(tmp_path))
    assert [untranslated(text, ["insight"]) for text in page_texts(shown)] == [""] * (3 if done else 4)


@pytest.mark.parametrize("language", Language)
def test_what_stands_in_a_token_is_escaped_on_the_page(language: Language) -> None:
    shown = page(Unsubscription(UUID(int=7), "<script>{{ 7 * 7 }}"), language)
    assert "<script>" not in shown
    assert "&lt;script&gt;{{ 7 * 7 }}" in shown


class TestBuildersTypes:
    """A host's own types, translated the same way."""

    @pytest.fixture
    def tidings(self, tidings: Tidings, tmp_path: Path, settings: Settings) -> Tidings:
        orders = ("{{ data.orders | number }} Bestellung versandt", "{{ data.orders | number }} Bestellungen versandt")
        write_catalogue(tmp_path, "de", [("kind.orders.shipped.title", orders)])
        own = NotificationType(
            "orders.shipped",
            title="Shipped: {{ data.orders }}",
            why="You ordered.",
            catalogue=Catalogue(tmp_path),
            counted="orders",
        )
        return Tidings(tidings.database.engine, types=[own], settings=settings, clock=tidings.clock)

    @pytest.mark.parametrize(
        ("orders", "title"), [(1, "1 Bestellung versandt"), (1_500, "1.500 Bestellungen versandt")]
    )
    async def test_are_read_in_translation(self, world: World, orders: int, title: str) -> None:
        german = await world.make_person("emmy", preferred_language=Language.GERMAN)
        entry = await german.receives("orders.shipped", title=None, data={"orders": orders})
        assert (entry["title"], entry["reason"]) == (title, "You ordered.")

    async def test_are_read_as_declared_where_there_is_no_translation(self, world: World) -> None:
        french = await world.make_person("sophie", preferred_language=Language.FRENCH)
        assert (await french.receives("orders.shipped", title=None, data={"orders": 2}))["title"] == "Shipped: 2"
