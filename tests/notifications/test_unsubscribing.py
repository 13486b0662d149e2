"""Leaving a mailing with one click (RFC 8058)."""

import httpx
import pytest

from tests.notifications.answers import refusal
from tests.notifications.storage import delete_person, stored
from tests.world import Person, World
from tidings.kernel.crypto import new_key_text, parse_keys
from tidings.notifications.unsubscribing import UnsubscribeTokenInvalid, Unsubscription, make_token, read_token

ME = "/notifications/preferences/me"


@pytest.fixture
def link(ada: Person, world: World) -> str:
    """The link at the foot of Ada's mail about insights."""
    return f"/notifications/unsubscribe/{make_token(world.tidings.keyring, Unsubscription(ada.id, 'insight'))}"


async def types_of(person: Person) -> dict[str, dict[str, bool]]:
    found: dict[str, dict[str, bool]] = (await person.client.get(ME)).json()["type_preferences"]
    return found


async def test_opening_the_link_shows_a_page_and_changes_nothing(
    nobody: httpx.AsyncClient, ada: Person, link: str, world: World
) -> None:
    before = await stored(world.tidings)
    for _ in range(2):
        page = await nobody.get(link)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert '<form method="post">' in page.text
        assert "insight" in page.text
    assert await stored(world.tidings) == before
    assert await types_of(ada) == {}


async def test_one_click_switches_the_mail_of_that_type_off(nobody: httpx.AsyncClient, ada: Person, link: str) -> None:
    answer = await nobody.post(link, data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert await types_of(ada) == {"insight": {"email": False}}


async def test_a_second_click_changes_nothing_more(nobody: httpx.AsyncClient, ada: Person, link: str) -> None:
    for _ in range(2):
        assert (await nobody.post(link)).status_code == 200
    assert await types_of(ada) == {"insight": {"email": False}}


async def test_the_other_switches_stay(nobody: httpx.AsyncClient, ada: Person, link: str) -> None:
    kept = {"insight": {"in_app": False, "email": True}, "alert": {"push": False}}
    await ada.client.patch(ME, json={"type_preferences": kept, "push_enabled": False})
    await nobody.post(link)
    assert await types_of(ada) == kept | {"insight": {"in_app": False, "email": False}}
    assert (await ada.client.get(ME)).json()["push_enabled"] is False


async def test_a_person_at_a_browser_gets_a_page(nobody: httpx.AsyncClient, link: str) -> None:
    page = await nobody.post(link, headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "You are unsubscribed" in page.text


async def test_it_works_from_anywhere(nobody: httpx.AsyncClient, ada: Person, link: str) -> None:
    assert (await nobody.post(link, headers={"Origin": "https://mail.example"})).status_code == 200


async def test_somebody_who_is_gone_can_still_click(
    nobody: httpx.AsyncClient, ada: Person, grace: Person, link: str
) -> None:
    await delete_person(ada, by=grace)
    assert (await nobody.post(link)).status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("token", ["nonsense", "k1:AAAA", "k1:" + "A" * 100, "☃"])
async def test_a_token_of_somebody_else_is_refused(nobody: httpx.AsyncClient, method: str, token: str) -> None:
    answer = await nobody.request(method, f"/notifications/unsubscribe/{token}")
    assert answer.status_code == 400
    assert answer.json()["code"] == "unsubscribe_token_invalid"


async def test_a_secret_of_another_place_is_no_token(nobody: httpx.AsyncClient, ada: Person, world: World) -> None:
    sealed = world.tidings.keyring.seal(f"{ada.id}:insight".encode(), place="elsewhere")
    answer = await nobody.post(f"/notifications/unsubscribe/{sealed}")
    assert refusal(answer) == (400, "unsubscribe_token_invalid")
    assert await types_of(ada) == {}


def test_a_link_in_old_mail_works_as_long_as_its_key_is_there(ada: Person) -> None:
    old, new = new_key_text("k1"), new_key_text("k2")
    wanted = Unsubscription(ada.id, "insight")
    token = make_token(parse_keys(old), wanted)
    assert read_token(parse_keys(f"{new},{old}"), token) == wanted
    with pytest.raises(UnsubscribeTokenInvalid):
        read_token(parse_keys(new), token)
