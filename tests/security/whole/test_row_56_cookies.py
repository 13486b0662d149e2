"""Row 56: every cookie ever set here is one that no subdomain plants, no script reads and no foreign page sends."""

import ast
from http.cookies import Morsel, SimpleCookie
from pathlib import Path

import httpx
import pytest
from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.clock import StoppedClock
from tests.conftest import TEST_KEYS
from tests.docs.pages import ROOT
from tests.world import API, empty
from tidings import Tidings
from tidings.accounts.cookies import (
    clear_session_cookie,
    cookie_name,
    device_cookie_name,
    set_device_cookie,
    set_session_cookie,
)
from tidings.accounts.identities.cookies import browser_cookie_name, set_browser_cookie
from tidings.accounts.setup import ensure_setup_token
from tidings.settings import Settings

HTTPS = "https://tidings.example"
PASSWORD = "correct horse battery staple"
LOGIN = {"login": "grace", "password": PASSWORD}
SETTERS = {
    "src/tidings/accounts/cookies.py",
    "src/tidings/accounts/identities/cookies.py",
}
"""The only modules that know how to set a cookie."""


def cookies_of(*answers: httpx.Response | Response) -> list[Morsel[str]]:
    """Every cookie that these answers set, or take away."""
    found: list[Morsel[str]] = []
    for answer in answers:
        lines = [value for name, value in answer.headers.items() if name.lower() == "set-cookie"]
        if isinstance(answer, httpx.Response):
            lines = answer.headers.get_list("set-cookie")
        for line in lines:
            parsed: SimpleCookie = SimpleCookie(line)
            assert len(parsed) == 1, line
            found.extend(parsed.values())
    return found


def check(cookie: Morsel[str], *, secure: bool) -> None:
    assert cookie.key.startswith("__Host-") == secure
    assert bool(cookie["secure"]) == secure
    assert cookie["httponly"] is True
    assert cookie["samesite"].lower() == "lax"
    assert cookie["path"] == "/"
    assert cookie["domain"] == ""


@pytest.fixture
async def house(engine: AsyncEngine, tmp_path: Path) -> Tidings:
    """A Tidings that people reach by https."""
    configuration = Settings(data_dir=tmp_path, secret_keys=TEST_KEYS, base_url=HTTPS, rate_limit_sign_in=0)
    tidings = Tidings(engine, settings=configuration, clock=StoppedClock())
    await empty(tidings.database)
    return tidings


def browser(house: Tidings) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(house.app)
    return httpx.AsyncClient(transport=transport, base_url=HTTPS + API, headers={"Origin": HTTPS})


async def test_row_56_every_cookie_of_a_browsers_life_is_a_safe_one(house: Tidings) -> None:
    async with house.database.write() as session:
        token = await ensure_setup_token(session, house.clock.now())
    person = {"username": "grace", "email": "grace@example.org", "name": "Grace", "password": PASSWORD}
    async with browser(house) as first, browser(house) as second:
        answers = [
            await first.post("/setup", json={"token": token, **person}),
            await second.post("/auth/login", json=LOGIN),
            await second.post("/auth/login", json=LOGIN),  # in place of the one before
            await second.post("/auth/confirm", json={"password": PASSWORD}),
            await second.put(
                "/users/me/password", json={"current_password": PASSWORD, "password": f"{PASSWORD} again"}
            ),
            await second.post("/auth/logout"),
            await first.get("/users/me"),
        ]
    assert [answer.is_success for answer in answers[:6]] == [True] * 6
    set_by = [len(cookies_of(answer)) > 0 for answer in answers[:6]]
    assert set_by == [True, True, True, True, set_by[4], True]
    for cookie in cookies_of(*answers):
        check(cookie, secure=True)
    names = {cookie.key for cookie in cookies_of(*answers)}
    assert names == {cookie_name(HTTPS), device_cookie_name(HTTPS)}
    assert [cookie.value for cookie in cookies_of(answers[5]) if cookie.key == cookie_name(HTTPS)] == [""]


async def test_row_56_a_cookie_of_another_name_opens_nothing(house: Tidings) -> None:
    """Without the prefix any subdomain could have set it."""
    async with house.database.write() as session:
        token = await ensure_setup_token(session, house.clock.now())
    person = {"username": "grace", "email": "grace@example.org", "name": "Grace", "password": PASSWORD}
    async with browser(house) as client:
        (await client.post("/setup", json={"token": token, **person})).raise_for_status()
        value = client.cookies[cookie_name(HTTPS)]
    for name, status in {"tidings": 401, "__Secure-tidings": 401, "__host-tidings": 401, "__Host-tidings": 200}.items():
        async with browser(house) as client:
            answer = await client.get("/users/me", headers={"Cookie": f"{name}={value}"})
            assert answer.status_code == status, name


@pytest.mark.parametrize(
    "base_url", [HTTPS, "HTTPS://Tidings.example", f"{HTTPS}/below/a/path", "http://127.0.0.1:8400"]
)
def test_row_56_each_kind_of_cookie_is_as_safe_as_its_address_allows(base_url: str) -> None:
    answer = Response()
    set_session_cookie(answer, base_url, "x")
    set_device_cookie(answer, base_url, "x")
    set_browser_cookie(answer, base_url, "x")
    clear_session_cookie(answer, base_url)
    cookies = cookies_of(answer)
    names = {cookie_name(base_url), device_cookie_name(base_url), browser_cookie_name(base_url)}
    assert (len(cookies), {cookie.key for cookie in cookies}) == (4, names)
    for cookie in cookies:
        check(cookie, secure=base_url.lower().startswith("https:"))


def test_row_56_no_other_module_sets_a_cookie() -> None:
    setters = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "src").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in {"set_cookie", "delete_cookie"})
        or (isinstance(node, ast.Constant) and str(node.value).lower() == "set-cookie")
    }
    assert setters == SETTERS
