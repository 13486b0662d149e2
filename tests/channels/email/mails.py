"""Mails to send, a record of being told, and channels that are closed again."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import Parser
from email.policy import SMTPUTF8
from uuid import UUID

from tidings.channels.base import Address
from tidings.channels.email.channel import EmailChannel
from tidings.channels.email.composing import Mail
from tidings.channels.email.server import parse_smtp_url
from tidings.channels.email.timeouts import Timeouts

SENDER = Address(value="tidings@example.org", name="Tidings")
ADA = Address(value="ada@example.net", name="Ada")
DELIVERY = UUID("01931c2e-7d00-7000-8000-00000000000a")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def mail(
    *,
    to: Address = ADA,
    delivery_id: UUID = DELIVERY,
    date: datetime = NOON,
    subject: str = "Order 17 shipped",
    text: str = "Your order is on its way.",
    html: str | None = None,
    unsubscribe_url: str | None = None,
    list_label: str | None = None,
    thread: str | None = None,
) -> Mail:
    """A small mail to Ada, but for what a test is about."""
    return Mail(
        to=to,
        delivery_id=delivery_id,
        date=date,
        subject=subject,
        text=text,
        html=html,
        unsubscribe_url=unsubscribe_url,
        list_label=list_label,
        thread=thread,
    )


def parsed(content: bytes) -> EmailMessage:
    """The mail as the standard library reads it."""
    return Parser(EmailMessage, policy=SMTPUTF8).parsestr(content.decode())


def body(message: EmailMessage, kind: str) -> str:
    """The decoded text of one part, with plain line ends."""
    part = message.get_body((kind,))
    assert part is not None
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode().replace("\r\n", "\n").removesuffix("\n")


class HandingOver:
    """Counts how often it was told that a mail is about to leave; it may refuse."""

    def __init__(self, error: Exception | None = None) -> None:
        self.times = 0
        self._error = error

    async def __call__(self) -> None:
        self.times += 1
        if self._error:
            raise self._error


@asynccontextmanager
async def channel(
    url: str,
    *,
    sender: Address = SENDER,
    connections: int = 2,
    timeouts: Timeouts | None = None,
    idle_s: float = 60.0,
    tls_context: ssl.SSLContext | None = None,
) -> AsyncIterator[EmailChannel]:
    """An e-mail channel to this server."""
    opened = EmailChannel(
        parse_smtp_url(url),
        sender=sender,
        connections=connections,
        timeouts=timeouts,
        idle_s=idle_s,
        tls_context=tls_context,
    )
    try:
        yield opened
    finally:
        opened.close()
