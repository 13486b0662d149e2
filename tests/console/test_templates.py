"""Every text can be looked at before anybody is sent one."""

from typing import Any

import pytest

from tests.notifications.answers import refusal
from tests.world import Person
from tidings.accounts.types import Language
from tidings.notifications.kinds import BUILT_IN


async def preview(operator: Person, name: str, **query: str) -> dict[str, Any]:
    answer = await operator.client.get(f"/development/templates/{name}", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_every_type_and_letter_is_listed_once_with_its_channels(grace: Person) -> None:
    found = (await grace.client.get("/development/templates")).json()
    by_name = {each["name"]: each for each in found["templates"]}
    assert len(by_name) == len(found["templates"])
    assert {kind.key for kind in BUILT_IN} < set(by_name)
    assert by_name["message"] == {
        "name": "message",
        "key": "message",
        "group": "type",
        "channels": ["in_app", "email"],
    }
    letters = [each for each in found["templates"] if each["group"] == "letter"]
    assert {"verify_email", "password_reset"} < {each["key"] for each in letters}
    assert {tuple(each["channels"]) for each in letters} == {("email",)}
    assert set(found["languages"]) == set(Language)


async def test_a_text_is_shown_as_its_channel_shows_it(grace: Person) -> None:
    mail, card = [await preview(grace, "streak", channel=channel) for channel in ("email", "in_app")]
    assert mail["subject"] == card["subject"]
    assert mail["html"].lower().startswith("<!doctype html>")
    assert (card["html"], card["icon"]) == (None, "flame")


async def test_a_text_is_shown_in_the_language_asked_for(grace: Person) -> None:
    subjects = {(await preview(grace, "letter.verify_email", language=each))["subject"] for each in Language}
    assert len(subjects) > len(Language) / 2


async def test_its_html_stands_in_a_frame_of_its_own(grace: Person) -> None:
    answer = await grace.client.get("/development/templates/letter.verify_email/html", params={"language": "de"})
    assert answer.status_code == 200
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    assert 'lang="de"' in answer.text


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("no.such", (404, "preview_not_found")),
        ("message?channel=sms", (404, "preview_not_found")),
        ("letter.verify_email?channel=in_app", (404, "preview_not_found")),
        ("message/html?channel=in_app", (404, "preview_not_found")),
        ("message?channel=pigeon", (422, "invalid_request")),
        ("message?language=xx", (422, "invalid_request")),
    ],
)
async def test_what_there_is_not_is_not_shown(grace: Person, path: str, expected: tuple[int, str]) -> None:
    assert refusal(await grace.client.get(f"/development/templates/{path}")) == expected


async def test_a_text_that_is_broken_says_why(grace: Person) -> None:
    """`order.shipped` asks for a number that it does not name among its variables."""
    answer = await grace.client.get("/development/templates/order.shipped")
    assert refusal(answer) == (422, "text_not_rendered")
    assert "number" in answer.json()["detail"]


async def test_only_operators_look(ada: Person) -> None:
    for path in ("", "/message", "/message/html"):
        assert refusal(await ada.client.get(f"/development/templates{path}")) == (403, "forbidden")
