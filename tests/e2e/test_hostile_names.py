"""A name that would be a link, on its whole way: to the page and to the mail."""

from email.message import EmailMessage

from playwright.async_api import expect

from tests.channels.email.mails import body, parsed
from tests.e2e.conftest import Site
from tests.waiting import until
from tests.world import Person
from tidings import Tidings

NAME = "[x](https://evil.example) **Eve**"
SAYS = f"{NAME} wants to follow you."


async def test_a_name_is_no_link_wherever_it_is_shown(site: Site, tidings: Tidings, ada: Person) -> None:
    entry = await ada.receives("follower.requested", title=None, data={"user_name": NAME}, channels=["in_app", "email"])
    assert entry["message"] == r"\[x\](https://evil.example) \*\*Eve\*\* wants to follow you."
    page = await site.sign_in(ada)
    message = page.get_by_role("feed").get_by_role("article").locator("p.message")
    await expect(message).to_have_text(SAYS)
    await expect(message.locator("a, strong")).to_have_count(0)
    mail = await _mail(tidings)
    assert SAYS in " ".join(body(mail, "plain").split())
    assert SAYS in body(mail, "html")
    assert 'evil.example"' not in body(mail, "html")


async def _mail(tidings: Tidings) -> EmailMessage:
    """What a worker has written to the only recipient."""
    folder = tidings.settings.data_dir / "mails"

    async def is_there() -> bool:
        return any(folder.glob("*.eml"))

    async with tidings.work():
        await until(is_there)
    (mail,) = folder.glob("*.eml")
    return parsed(mail.read_bytes())
