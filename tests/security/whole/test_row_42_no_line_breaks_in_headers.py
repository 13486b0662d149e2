"""Row 42: whatever a subject, a name or an address holds, a mail server receives the headers we wrote and no other."""

import re
from collections.abc import AsyncIterator
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.channels.email.mails import HandingOver, channel, mail
from tests.channels.email.ordinary import Ordinary, ordinary
from tests.waiting import until
from tests.world import App, World
from tidings.channels.base import Address, Refused, Sent
from tidings.settings import Settings

HOSTILE = st.lists(
    st.sampled_from(
        (
            *("\r\n", "\n", "\r", "\0", "\t", "\x0b", "\x1b[2J", "\x7f", "\x85", "\u2028", "\u2029", "\ud800"),
            *(
                "Bcc: eve@example.com",
                "\r\nBcc: eve@example.com\r\n\r\n<script>",
                "\r\n.\r\nMAIL FROM:<eve@example.com>",
            ),
            *(
                "=?utf-8?q?=0D=0ABcc:_eve=40example.com?=",
                "=?",
                "?=",
                '"',
                "\\",
                ",",
                "<",
                ">",
                ";",
                ":",
                " ",
                "ü",
                "x" * 90,
            ),
        )
    )
    | st.characters(),
    max_size=8,
).map("".join)
ADDRESSES = st.just("ada@example.net") | HOSTILE | st.builds("{}@{}".format, HOSTILE, HOSTILE)
OURS = {
    *("Date", "From", "To", "Subject", "Message-ID", "In-Reply-To", "References", "Auto-Submitted"),
    *("MIME-Version", "Content-Type", "Content-Transfer-Encoding"),
}
BREAK = "a\r\nBcc: eve@example.com\r\n\r\n"


@pytest.fixture
async def server() -> AsyncIterator[Ordinary]:
    async with ordinary() as server:
        yield server


def headers_of(content: bytes) -> Message:
    """The headers as the server got them: plain lines, each with a name of its own or led by a space."""
    head = content.partition(b"\r\n\r\n")[0]
    assert not re.search(rb"[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n", head)
    assert all(re.match(rb"[ ]|[A-Za-z-]+:", line) for line in head.split(b"\r\n"))
    return BytesParser(policy=compat32).parsebytes(content)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(subject=HOSTILE, name=HOSTILE, sender=HOSTILE, address=ADDRESSES)
@example(subject=BREAK, name=BREAK, sender=BREAK, address="ada@example.net")
@example(subject="x", name="Ada", sender="Tidings", address="ada@example.net\r\nRCPT TO:<eve@example.com>")
@example(subject="x", name="Ada", sender="Tidings", address="ada@example.net>\r\nDATA")
async def test_row_42_no_text_reaches_the_server_as_a_header_or_a_command(
    server: Ordinary, subject: str, name: str, sender: str, address: str
) -> None:
    server.mails.clear()
    letter = mail(subject=subject, to=Address(value=address, name=name), thread=subject)
    async with channel(f"smtp://{server.authority}", sender=Address(value="tidings@example.org", name=sender)) as email:
        outcome = await email.send(letter, handing_over=HandingOver())
    if isinstance(outcome, Refused):
        assert server.mails == []
        assert address != "ada@example.net"
        return
    assert isinstance(outcome, Sent)
    (received,) = server.mails
    assert sorted(headers_of(received.content).keys()) == sorted(OURS)
    assert received.sender == "tidings@example.org"
    (recipient,) = received.recipients
    assert not re.search(r"[\s\0-\x20\x7f-\x9f<>,;]", recipient)
    if address == "ada@example.net":
        assert recipient == address


@pytest.fixture
def settings_of_mail(server: Ordinary) -> dict[str, str]:
    return {"smtp_url": f"smtp://{server.authority}", "mail_from": "The shop <shop@example.org>"}


class TestFromAnEvent:
    """The same through the whole house: an API that takes an event, and a worker that mails it."""

    @pytest.fixture
    def settings(self, settings: Settings, settings_of_mail: dict[str, str]) -> Settings:
        return settings.model_copy(update=settings_of_mail)

    async def test_row_42_what_a_sender_says_adds_no_header(self, world: World, server: Ordinary) -> None:
        app: App = world.app
        people = [
            {"id": f"guest-{number}", "email": f"guest{number}@example.net", "name": f"{text}Bcc: eve@example.com"}
            for number, text in enumerate(["\r\n", "\n", "\r", "\x0b\x1b", "\x85", "\u2028"])
        ]
        for person in people:
            event = {"type": "order.shipped", "title": BREAK + person["name"], "data": {"number": BREAK}}
            sent = await app.client.post("/notifications", json={"to": [person], **event})
            assert sent.status_code in {201, 422}, sent.text
        taken = [person for person in people if person["id"] in await known(app, people)]

        async def have_arrived() -> bool:
            return len(server.mails) == len(taken)

        async with world.tidings.work():
            await until(have_arrived, patience_s=60)
        assert sorted(mail.recipients[0] for mail in server.mails) == sorted(person["email"] for person in taken)
        for received in server.mails:
            assert len(received.recipients) == 1
            assert not {"Bcc", "Cc"} & set(headers_of(received.content).keys())


async def known(app: App, people: list[dict[str, str]]) -> set[str]:
    """Which of these people were taken."""
    found = await app.client.get("/users", params={"num_records": 100})
    return {each["external_id"] for each in found.json()["records"]} & {person["id"] for person in people}
