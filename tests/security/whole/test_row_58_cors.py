"""Row 58: which pages may read what we answer is an exact list, and with it no page that is nearly on it."""

from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from tests.conftest import TEST_KEYS
from tests.security.whole.routes import STREAMS, ask, every_route
from tests.world import BASE_URL, Person, World
from tidings.settings import Settings

EMBEDDING = "https://app.example.org"
OTHER = "http://intranet:8080"
NEARLY = (
    *("null", "*", "", "https://evil.example", f"{EMBEDDING}.evil.example", "https://evil-app.example.org"),
    *(
        "http://app.example.org",
        f"{EMBEDDING}:8443",
        f"{EMBEDDING}/",
        f"{EMBEDDING}@evil.example",
        "https://example.org",
    ),
    *("https://x.app.example.org", "https://APP.example.org", f"{EMBEDDING} {OTHER}", f"{EMBEDDING},{OTHER}", BASE_URL),
)
PIECES = st.sampled_from(
    ["https://", "http://", "app.", "example.org", ":8080", "intranet", ".", "evil", "null", "*", "/"]
)
ORIGINS = st.lists(PIECES, max_size=6).map("".join)
PREFLIGHT = {"Access-Control-Request-Method": "DELETE", "Access-Control-Request-Headers": "Authorization"}
PATHS = ("/users/me", "/nothing", "/notifications", "/auth/login", "/public/server-settings")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"allowed_origins": (EMBEDDING, OTHER)})


@pytest.fixture
async def page(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A page of anybody's, which says itself where it comes from."""
    async with world.client() as client:
        del client.headers["Origin"]
        yield client


def may_read(answer: httpx.Response) -> str | None:
    """Which origin a browser lets read this answer."""
    allowed: str | None = answer.headers.get("Access-Control-Allow-Origin")
    assert allowed != "*"
    return allowed


@examples(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ORIGINS)
@example("https://app.example.org.")
async def test_row_58_only_an_origin_that_stands_on_the_list_may_read(page: httpx.AsyncClient, origin: str) -> None:
    for path in PATHS[:2]:
        asked = await page.options(path, headers={"Origin": origin, **PREFLIGHT})
        answer = await page.get(path, headers={"Origin": origin})
        assert may_read(asked) == may_read(answer) == (origin if origin in {EMBEDDING, OTHER} else None)


async def test_row_58_an_origin_that_is_nearly_on_it_may_not(page: httpx.AsyncClient) -> None:
    for origin in NEARLY:
        for path in PATHS:
            assert may_read(await page.get(path, headers={"Origin": origin})) is None, origin
            asked = await page.options(path, headers={"Origin": origin, **PREFLIGHT})
            assert (may_read(asked), asked.is_success) == (None, False), origin


@pytest.mark.parametrize("origin", [EMBEDDING, OTHER])
async def test_row_58_every_route_names_the_one_origin_that_asked(world: World, grace: Person, origin: str) -> None:
    client = world.client(headers={"Origin": origin})
    for route in every_route(world.tidings.app):
        if route.path not in STREAMS:
            answer = await ask(client, route, {})
            assert may_read(answer) == origin, route
            assert answer.headers["Access-Control-Allow-Credentials"] == "true"
            assert "Origin" in answer.headers["Vary"]  # a cache must not give it to another


async def test_row_58_a_page_on_the_list_reads_with_the_cookie_and_does_nothing_with_it(ada: Person) -> None:
    del ada.client.headers["Origin"]
    cross_site = {"Origin": EMBEDDING, "Sec-Fetch-Site": "cross-site"}
    assert (await ada.client.get("/users/me", headers=cross_site)).status_code == 200
    refused = await ada.client.delete("/users/me", headers=cross_site)
    assert (refused.status_code, refused.json()["code"]) == (403, "cross_site")


@pytest.mark.parametrize(
    "origins",
    [
        *("*", "https://*", "https://*.example.org", "null", "app.example.org", "https://app.example.org/path"),
        *("https://app.example.org,*", "file:///", "javascript:alert(1)", ["*"], ["https://app.example.org", "*"]),
    ],
)
def test_row_58_a_setting_that_is_no_list_of_exact_origins_is_refused(origins: object) -> None:
    with pytest.raises(ValueError, match="is not an origin"):
        Settings(secret_keys=TEST_KEYS, allowed_origins=origins)  # type: ignore[arg-type]  # as the environment gives it


class TestUnlessSet:
    """Without the setting there is no list."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"allowed_origins": ()})

    async def test_row_58_no_other_page_may_read_anything(self, page: httpx.AsyncClient) -> None:
        for path in PATHS:
            for origin in (EMBEDDING, BASE_URL, *NEARLY):
                answer = await page.get(path, headers={"Origin": origin})
                asked = await page.options(path, headers={"Origin": origin, **PREFLIGHT})
                named = {name.lower() for each in (answer, asked) for name in each.headers}
                assert not {name for name in named if name.startswith("access-control-")}
