"""axe-core, run inside a page: https://github.com/dequelabs/axe-core."""

from functools import cache
from pathlib import Path

from playwright.async_api import Page

SOURCE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


async def violations(page: Page) -> list[str]:
    """Every barrier axe-core finds: its rule, what it means, and where. Into the frame of a mail no script can look."""
    await page.evaluate(_source())
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations'], iframes: false})")
    return [
        f"{violation['id']}: {violation['help']} at {[node['target'] for node in violation['nodes'][:5]]}"
        for violation in found["violations"]
    ]


@cache
def _source() -> str:
    return SOURCE.read_text()
