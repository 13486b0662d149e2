"""The e-mail channel: a mail is composed, handed to the submission server, and its outcome told."""

import ssl
from dataclasses import replace

from tidings.channels.base import Address, Check, Gone, HandingOver, Outcome, Refused, Retry
from tidings.channels.email.addresses import mailbox
from tidings.channels.email.composing import Mail, compose
from tidings.channels.email.connection import Connection, Envelope, Stale
from tidings.channels.email.errors import CannotCompose
from tidings.channels.email.pool import Pool
from tidings.channels.email.server import SmtpServer
from tidings.channels.email.session import NoSession
from tidings.channels.email.timeouts import Timeouts

DEFAULT_CONNECTIONS = 4
IDLE_S = 30.0
"""A kept connection is closed after this many seconds; servers themselves wait 5 minutes (RFC 5321 §4.5.3.2.7)."""


class EmailChannel:
    """Sends mail through one server. `close` it at the end; it can be used again afterwards.

    `connections` bounds how many are open at once: more sends than that wait. A caller that wants each outcome
    recorded before the same connection carries another mail runs no more sends than connections, and records
    each before its next. `tls_context` replaces the system's trusted certificates.
    """

    def __init__(
        self,
        server: SmtpServer,
        *,
        sender: Address,
        connections: int = DEFAULT_CONNECTIONS,
        timeouts: Timeouts | None = None,
        idle_s: float = IDLE_S,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        self._server = server
        self._sender = sender
        self._timeouts = timeouts or Timeouts()
        self._tls_context = tls_context or ssl.create_default_context()
        self._pool = Pool(self._open, size=connections, idle_s=idle_s)

    async def send(self, message: Mail, *, handing_over: HandingOver) -> Outcome:
        """Hand one mail over; the contract is `tidings.channels.base.Channel.send`.

        `Retry`: the server is away, busy, misconfigured, or broke off before the mail was complete. `Refused`:
        sender, recipient, size or content. `Gone`: no such mailbox. `Unknown`: no answer to a complete mail.
        """
        try:
            content = compose(message, sender=self._sender)
            envelope = Envelope(mailbox(self._sender.value), mailbox(message.to.value))
        except CannotCompose as error:
            return Refused(str(error))
        while True:
            try:
                outcome = await self._transact(envelope, content, handing_over)
                return replace(outcome, address=message.to.value) if isinstance(outcome, Gone) else outcome
            except Stale:
                continue  # only a kept connection is stale, and that one is gone now
            except NoSession as error:
                return Retry(None, str(error), is_outage=True)

    async def check(self) -> Check:
        """Connect, encrypt and sign in, as for a mail."""
        try:
            connection = await self._open()
        except NoSession as error:
            return Check(False, str(error), "check TIDINGS_SMTP_URL, and that the mail server is up")
        how = "encrypted" if connection.is_encrypted else "in the clear"
        connection.close()
        who = f", signed in as {self._server.user}" if self._server.user else ""
        return Check(True, f"{self._server} answers, {how}{who}; mail is from {self._sender.value}")

    def close(self) -> None:
        """Close the connections that are kept."""
        self._pool.close()

    async def _transact(self, envelope: Envelope, content: bytes, handing_over: HandingOver) -> Outcome:
        async with self._pool.borrow() as connection:
            if envelope.needs_smtputf8 and not connection.offers("smtputf8"):
                return Refused("the address is not ASCII, and the mail server does not offer SMTPUTF8 (RFC 6531)")
            return await connection.transact(envelope, content, handing_over=handing_over)

    async def _open(self) -> Connection:
        return await Connection.open(
            self._server,
            timeouts=self._timeouts,
            tls_context=self._tls_context,
            client_name=mailbox(self._sender.value).domain,
        )
