"""Every page for everybody: small and large, light and dark, empty and full, in thirteen languages, heard and read."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import Site
from tests.e2e.looks import is_good
from tests.world import Person
from tidings.accounts.types import Language

# How a page looks does not depend on the database behind it; what it does is tested on both, in test_inbox.py.
pytestmark = pytest.mark.parametrize("pooled", ["sqlite"], indirect=True)

WIDTHS = {"phone": 320, "desk": 1280}


async def fill(ada: Person) -> None:
    """An account that has been used: long and short, read and unread, with and without an action."""
    await ada.receives("reminder", title="Water the ferns", message="They have waited since Thursday.")
    await ada.does("read", (await ada.receives("update", title="Release 2.4 is out", message="Calmer."))["id"])
    await ada.receives(
        "alert", title="Disk nearly full", priority="urgent", message="Build machine 3 has 4 % left. " * 8
    )
    await ada.receives("message", title="Lunch?", actor="grace", action_url="/inbox", action_text="Answer")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
async def test_the_full_inbox_fits_and_has_no_barrier(
    site: Site, ada: Person, grace: Person, width: str, scheme: Any
) -> None:
    await fill(ada)
    page = await site.sign_in(ada, **_screen(width, scheme))
    await expect(page.get_by_role("article")).to_have_count(4)
    await is_good(page, f"inbox-full-{width}-{scheme}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
async def test_the_empty_inbox_fits_and_has_no_barrier(site: Site, ada: Person, width: str, scheme: Any) -> None:
    page = await site.sign_in(ada, **_screen(width, scheme))
    await expect(page.get_by_text("You are all caught up")).to_be_visible()
    await is_good(page, f"inbox-empty-{width}-{scheme}")


@pytest.mark.parametrize("address", ["/sign-in", "/setup?token=tdi_example", "/setup"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
async def test_the_other_pages_fit_and_have_no_barrier(site: Site, address: str, width: str, scheme: Any) -> None:
    page = await (await site.device(**_screen(width, scheme))).new_page()
    await page.goto(address)
    await page.get_by_role("heading").first.wait_for()
    await is_good(page, f"{address[1:].replace('?token=tdi_example', '-with-token')}-{width}-{scheme}")


@pytest.mark.parametrize("language", Language)
async def test_every_language_speaks_on_every_page(site: Site, ada: Person, grace: Person, language: Language) -> None:
    page = await (await site.device(**_screen("phone", "light"), locale=language.tag)).new_page()
    await page.goto("/sign-in")
    await page.get_by_role("heading").first.wait_for()
    assert (await page.locator("html").get_attribute("lang") or "").lower() == language.tag.lower()
    await is_good(page, f"sign-in-{language}")


async def test_a_person_reads_the_inbox_in_their_own_language(site: Site, ada: Person) -> None:
    await ada.client.get("/users/me")
    emmy = await site.world.make_person("emmy", preferred_language=Language.GERMAN)
    await emmy.receives("message", title="Neue Noten")
    context = await site.device(**_screen("desk", "light"))
    cookies = [{"name": name, "value": value, "url": site.url} for name, value in emmy.client.cookies.items()]
    await context.add_cookies(cookies)  # type: ignore[arg-type]  # playwright's own record of a cookie
    page = await context.new_page()
    await page.goto("/inbox")
    await expect(page.get_by_role("article")).to_have_count(1)
    assert await page.locator("html").get_attribute("lang") == "de"
    await is_good(page, "inbox-german")


async def test_reading_from_right_to_left_and_in_forced_colours_nothing_breaks(site: Site, ada: Person) -> None:
    await ada.receives("message", title="From right to left")
    page = await site.sign_in(ada, forced_colors="active", reduced_motion="reduce")
    await page.evaluate("document.documentElement.dir = 'rtl'")
    await is_good(page, "inbox-rtl-forced-colours")


def _screen(width: str, scheme: str) -> dict[str, Any]:
    return {"viewport": {"width": WIDTHS[width], "height": 720}, "color_scheme": scheme}
