"""A foreign page cannot make a browser act with its cookie."""

import pytest

from tests.accounts.world import BASE_URL, PASSWORD, World, code, make_app
from tidings.accounts.api import router
from tidings.accounts.cookies import origin_of
from tidings.accounts.models import User

LOGOUT = "/api/v1/auth/logout"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": BASE_URL + ".evil.example"},
        {"Origin": BASE_URL + ":8400"},
        {"Origin": BASE_URL.replace("http:", "https:")},
        {"Origin": "http://[bad"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    ],
)
async def test_an_unsafe_request_from_elsewhere_is_refused(world: World, ada: User, headers: dict[str, str]) -> None:
    async with await world.browser_of(ada) as browser:
        del browser.headers["Origin"]
        assert code(await browser.post(LOGOUT, headers=headers)) == (403, "cross_site")
        assert (await browser.get("/api/v1/users/me")).status_code == 200


@pytest.mark.parametrize("headers", [{"Origin": BASE_URL}, {"Sec-Fetch-Site": "same-origin"}])
async def test_our_own_page_is_let_through(world: World, ada: User, headers: dict[str, str]) -> None:
    async with await world.browser_of(ada) as browser:
        del browser.headers["Origin"]
        assert (await browser.post(LOGOUT, headers=headers)).status_code == 200


async def test_the_host_that_was_asked_is_an_own_origin_too(world: World, ada: User) -> None:
    app = make_app(world, router, base_url="http://elsewhere.example")
    async with world.client(app=app, cookie=await world.cookie_of(ada)) as browser:
        headers = {"Host": "localhost:8400", "Origin": "http://localhost:8400"}
        assert (await browser.post(LOGOUT, headers=headers)).status_code == 200


HTTPS = "https://tidings.example"


@pytest.mark.parametrize(
    ("host", "origin", "is_ours"),
    [
        ("tidings.example", HTTPS, True),
        ("127.0.0.1:8400", HTTPS, True),  # a proxy that does not pass the name on
        ("tidings.example", "http://tidings.example", False),  # the same name without TLS, where anybody may be
        ("evil.example", "http://evil.example", False),
        ("evil.example", "https://evil.example", False),
        ("localhost:8400", "http://localhost:8400", False),
    ],
)
@pytest.mark.parametrize("is_signed_in", [True, False])
async def test_behind_https_the_base_url_alone_is_ours(
    world: World, ada: User, host: str, origin: str, is_ours: bool, is_signed_in: bool
) -> None:
    app = make_app(world, router, base_url=HTTPS)
    async with world.client(app=app) as browser:
        headers = {"Host": host, "Origin": origin}
        if is_signed_in:
            headers["Cookie"] = f"__Host-tidings={await world.cookie_of(ada)}"
        answer = await browser.post(
            "http://inside/api/v1/auth/login", json={"login": "ada", "password": PASSWORD}, headers=headers
        )
    if is_ours:
        assert answer.status_code == 200
    else:
        assert (code(answer), "set-cookie" in answer.headers) == ((403, "cross_site"), False)


@pytest.mark.parametrize("origin", [None, "http://localhost:8400", "http://127.0.0.1:8400"])
async def test_on_ones_own_machine_every_name_of_it_signs_in(world: World, ada: User, origin: str | None) -> None:
    """As `tidings serve` and `--demo` are tried out; and a program says nothing of pages at all."""
    app = make_app(world, router, base_url="http://127.0.0.1:8400")
    async with world.client(app=app) as browser:
        del browser.headers["Origin"]
        headers = {} if origin is None else {"Host": origin.removeprefix("http://"), "Origin": origin}
        body = {"login": "ada", "password": PASSWORD}
        assert (await browser.post("/api/v1/auth/login", json=body, headers=headers)).status_code == 200


async def test_reading_needs_no_origin(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        del browser.headers["Origin"]
        assert (await browser.get("/api/v1/users/me")).status_code == 200


async def test_a_bearer_token_needs_no_origin(world: World, ada: User) -> None:
    async with world.client(bearer=(await world.tokens_of(ada)).access_token) as app:
        del app.headers["Origin"]
        assert (await app.post(LOGOUT)).status_code == 200


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"])
async def test_a_body_that_a_form_could_send_is_refused(world: World, ada: User, media_type: str) -> None:
    async with await world.browser_of(ada) as browser:
        answer = await browser.post("/api/v1/api-keys", content=b'{"name":"x"}', headers={"Content-Type": media_type})
    assert code(answer) == (415, "unsupported_media_type")


async def test_a_foreign_page_cannot_replace_who_is_signed_in(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        answer = await browser.post(
            "/api/v1/auth/login",
            json={"login": "ada", "password": "x"},
            headers={"Origin": "https://evil.example"},
        )
    assert code(answer) == (403, "cross_site")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Example.org/path", "https://example.org"),
        ("https://example.org:443", "https://example.org"),
        ("http://example.org:443", "http://example.org:443"),
        ("http://[::1]:8400/", "http://[::1]:8400"),
        ("ftp://example.org", ""),
        ("null", ""),
        ("http://example.org:port", ""),
        ("", ""),
    ],
)
def test_an_origin_is_what_browsers_send(url: str, origin: str) -> None:
    assert origin_of(url) == origin
