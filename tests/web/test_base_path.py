"""A server that people reach under a path: the path of BASE_URL, whether the proxy passes it on or cuts it off."""

import httpx
import pytest
from starlette.types import ASGIApp

from tests.server import Live
from tests.web.places import client_of, cutting_off, mounted
from tests.world import API, Person
from tidings import Tidings
from tidings.settings import Settings

# Addresses, not rows.
pytestmark = pytest.mark.parametrize("pooled", ["sqlite"], indirect=True)

PATH = "/shop/tidings"


@pytest.fixture
def path() -> str:
    return PATH


@pytest.fixture
def settings(settings: Settings, path: str) -> Settings:
    return settings.model_copy(update={"base_url": f"http://testserver{path}"})


@pytest.fixture(params=["passed on", "cut off", "mounted", "mounted and half of it cut off"])
def site(request: pytest.FixtureRequest, tidings: Tidings) -> ASGIApp:
    """What stands at the server of BASE_URL."""
    places: dict[str, ASGIApp] = {
        "passed on": tidings.app,
        "cut off": cutting_off(PATH, tidings.app),
        "mounted": mounted(tidings, PATH),
        "mounted and half of it cut off": cutting_off("/shop", mounted(tidings, "/tidings")),
    }
    return places[request.param]


@pytest.mark.parametrize("page", [f"{PATH}/", f"{PATH}/inbox"])
async def test_pages_and_what_they_load_are_under_the_path(site: ASGIApp, page: str) -> None:
    async with client_of(site) as client:
        found = await client.get(page)
        assert f'content="{PATH}/"' in found.text
        icon = await client.get(f"{PATH}/static/favicon.svg")
        assert (icon.status_code, icon.headers["content-type"]) == (200, "image/svg+xml")


async def test_the_api_is_under_the_path_and_so_is_the_next_page_of_a_list(site: ASGIApp, ada: Person) -> None:
    for _ in range(2):
        await ada.receives("message")
    async with client_of(site, cookies=ada.client.cookies) as client:
        first = await client.get(f"{PATH}{API}/notifications", params={"page_size": 1})
        following = first.links["next"]["url"]
        assert following.startswith(f"{PATH}{API}/")
        second = await client.get(following)
    assert len({each.json()["notifications"][0]["id"] for each in (first, second)}) == 2


async def test_the_description_says_where_the_api_is(site: ASGIApp) -> None:
    async with client_of(site) as client:
        described = (await client.get(f"{PATH}{API}/openapi.json")).json()
        streams = (await client.get(f"{PATH}{API}/asyncapi.json")).json()
    assert described["servers"] == [{"url": PATH}]
    assert streams["channels"]["websocket"]["address"] == f"{PATH}{API}/notifications/ws"


async def test_the_path_without_a_slash_is_the_first_page(tidings: Tidings) -> None:
    async with client_of(tidings.app) as client:
        assert f'content="{PATH}/"' in (await client.get(PATH)).text


@pytest.mark.parametrize("path", ["/s"])
async def test_one_of_our_paths_may_begin_with_the_same_letters(tidings: Tidings, path: str) -> None:
    async with client_of(cutting_off(path, tidings.app)) as client:
        assert (await client.get(f"{path}/static/favicon.svg")).status_code == 200


async def test_whoever_asks_the_server_itself_needs_no_path(live: Live, ada: Person) -> None:
    async with httpx.AsyncClient(base_url=live.origin, trust_env=False, timeout=60) as client:
        assert (await client.get("/readyz")).status_code == 200
    device = await live.websocket(ada)
    assert (await device.next())["type"] == "connected"


async def test_streams_are_under_the_path(live: Live, ada: Person) -> None:
    live.url = f"{live.origin}{PATH}{API}"
    device = await live.websocket(ada)
    assert (await device.next())["type"] == "connected"
