"""What tests of a person's own pages share: getting there, and a sign-in that was a while ago."""

from datetime import timedelta
from typing import Any

from playwright.async_api import Page
from sqlalchemy import update

from tests.e2e.conftest import Site
from tests.world import Person
from tidings.accounts.models import UserSession


async def open_own(site: Site, person: Person, path: str, **options: Any) -> Page:
    """One of their pages, on a device that shares their session."""
    context = await site.device(**options)
    cookies = [{"name": name, "value": value, "url": site.url} for name, value in person.client.cookies.items()]
    await context.add_cookies(cookies)  # type: ignore[arg-type]  # playwright's own record of a cookie
    page = await context.new_page()
    await page.goto(path)
    await page.locator(".own-parts").wait_for()
    return page


async def signed_in_a_while_ago(site: Site, person: Person) -> None:
    """Too long ago to change a credential without showing again who one is."""
    then = site.world.tidings.clock.now() - timedelta(minutes=6)
    async with site.world.tidings.database.write() as session:
        await session.execute(update(UserSession).where(UserSession.user_id == person.id).values(confirmed_at=then))
