"""Row 55: links in letters come from the configured address, whatever a request says of the host."""

import pytest

from tests.accounts.mailbox import letters, newest
from tests.accounts.settings import open_sign_up
from tests.accounts.world import BASE_URL, PASSWORD, World
from tidings.accounts.models import User

AUTH = "/api/v1/auth"
EVIL = "evil.example"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": EVIL},
        {"X-Forwarded-Host": EVIL, "X-Forwarded-Proto": "https"},
        {"Forwarded": f"host={EVIL};proto=https"},
        {"X-Original-Host": EVIL, "X-Rewrite-URL": f"http://{EVIL}/"},
    ],
)
async def test_row_55_no_header_reaches_a_link(world: World, ada: User, grace: User, headers: dict[str, str]) -> None:
    await open_sign_up(world)
    linus = {"name": "Linus", "username": "linus", "email": "linus@example.org", "password": PASSWORD}
    async with world.client() as stranger, await world.browser_of(ada) as browser:
        await stranger.post(f"{AUTH}/sign-up", json=linus, headers=headers)
        await stranger.post(f"{AUTH}/sign-up", json=linus | {"email": ada.email, "username": "x"}, headers=headers)
        await stranger.post(f"{AUTH}/password-reset/request", json={"email": ada.email}, headers=headers)
        asked = {name: value for name, value in headers.items() if name != "Host"}
        await browser.put("/api/v1/users/me/email", json={"email": "ada@new.example"}, headers=asked)
    async with await world.browser_of(grace) as administrator:
        await administrator.post("/api/v1/users/invite", json={"email": "lin@example.org"}, headers=asked)
        token = (await newest(world, "confirm_email")).token
        await administrator.post(f"{AUTH}/verify-email", json={"token": token}, headers=asked)
    written = await letters(world)
    assert {letter.name for letter in written} >= {
        *("verify_email", "address_known", "password_reset", "confirm_email", "email_changed", "invitation")
    }
    for letter in written:
        assert f"{BASE_URL}/" in letter.text
        assert EVIL not in letter.text
