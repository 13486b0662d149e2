"""How a page is looked at: by its size, by axe-core, and in a picture for whoever wants to see."""

from playwright.async_api import Page

from tests.e2e.axe import violations
from tests.e2e.conftest import SCREENS


async def is_good(page: Page, name: str) -> None:
    """Nothing overflows sideways, axe-core finds nothing, and there is a picture to look at."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SCREENS / f"{name}.png")
    overflow = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"{name} is {overflow} px too wide"
    assert await violations(page) == []
