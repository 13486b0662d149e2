"""The bell on somebody else's page: it finds its server under a path, and its panel stays on the screen."""

from collections.abc import AsyncIterator

import pytest
from fastapi.responses import HTMLResponse
from playwright.async_api import Browser, Page, expect

from tests.e2e.axe import violations
from tests.e2e.conftest import Site, visited
from tests.server import serving
from tests.web.places import mounted
from tests.world import Person, World
from tidings import Tidings

# Where a panel opens does not depend on the database.
pytestmark = pytest.mark.parametrize("pooled", ["sqlite"], indirect=True)

_PAGE = """<!doctype html><html lang="en" dir="{direction}"><head><title>A shop</title><link rel="icon" href="data:,">
<script type="module" src="/tidings/static/inbox.js"></script></head><body><main><h1>A shop</h1>
<tidings-bell server="/tidings" style="position: absolute; top: 8px; left: {left}"></tidings-bell>
</main></body></html>"""
PLACES = {"left": "8px", "middle": "calc(50% - 20px)", "right": "calc(100% - 48px)"}


@pytest.fixture
async def site(tidings: Tidings, world: World, browser: Browser) -> AsyncIterator[Site]:
    """A shop in which Tidings is mounted, with a bell where the address says."""
    shop = mounted(tidings, "/tidings")
    shop.add_api_route("/", show, response_class=HTMLResponse)
    async with serving(tidings, shop) as live, visited(live.origin, world, browser) as site:
        yield site


async def show(left: str, direction: str) -> str:
    return _PAGE.format(left=left, direction=direction)


async def opened(site: Site, ada: Person, *, place: str, direction: str = "ltr", width: int = 1280) -> Page:
    """Ada's window on the shop, the panel open."""
    context = await site.device(viewport={"width": width, "height": 720})
    cookies = [{"name": name, "value": value, "url": site.url} for name, value in ada.client.cookies.items()]
    await context.add_cookies(cookies)  # type: ignore[arg-type]  # playwright's own record of a cookie
    page = await context.new_page()
    await page.goto(f"/?left={PLACES[place].replace('%', '%25')}&direction={direction}")
    await page.get_by_role("button", name="Notifications").click()
    await expect(page.get_by_role("feed").get_by_role("article")).to_have_count(1)
    return page


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("place", PLACES)
async def test_the_panel_is_on_the_screen_wherever_the_bell_is(
    site: Site, ada: Person, place: str, direction: str
) -> None:
    await ada.receives("message", title="Lunch?")
    for width in (320, 560, 1280):
        page = await opened(site, ada, place=place, direction=direction, width=width)
        panel = await page.get_by_role("dialog").bounding_box()
        assert panel is not None
        assert panel["x"] >= 0
        assert panel["x"] + panel["width"] <= width
        assert panel["width"] >= min(width, 280)


async def test_the_panel_hangs_on_the_bell(site: Site, ada: Person) -> None:
    await ada.receives("message", title="Lunch?")
    for place, edge in (("left", 8), ("right", 1280 - 8)):
        panel = await (await opened(site, ada, place=place)).get_by_role("dialog").bounding_box()
        assert panel is not None
        assert edge in (panel["x"], panel["x"] + panel["width"])


async def test_the_page_has_no_barrier(site: Site, ada: Person) -> None:
    await ada.receives("message", title="Lunch?")
    assert await violations(await opened(site, ada, place="left")) == []
