"""One connection to the mail server, one mail after the other.

aiosmtplib opens it, secures it, signs in and pairs commands with replies. The mail itself is sent step by step here,
because what a failure means depends on the step, and its `sendmail` does not tell which one failed.
"""

import asyncio
import ssl
from dataclasses import dataclass

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol

from tidings.channels.base import HandingOver, Outcome, Retry, Unknown
from tidings.channels.email.addresses import Mailbox
from tidings.channels.email.replies import Reply, Step, readable, refusal, verdict
from tidings.channels.email.server import SmtpServer
from tidings.channels.email.session import open_session
from tidings.channels.email.timeouts import Timeouts

_BLOCK = 64 * 1024
_FINAL_DOT = b".\r\n"


class Stale(Exception):
    """A connection that had carried a mail before was found closed: nothing of the new one was said on it."""


class _Lost(Exception):
    """The conversation cannot go on."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who it is from, where bounces go, and who gets it."""

    sender: Mailbox
    recipient: Mailbox

    @property
    def needs_smtputf8(self) -> bool:
        return self.sender.needs_smtputf8 or self.recipient.needs_smtputf8


class Connection:
    """A conversation that is ready for mail. `is_usable` tells whether it is ready for another."""

    def __init__(self, client: aiosmtplib.SMTP, timeouts: Timeouts) -> None:
        self._client = client
        self._transport = client.transport
        self._block_timeout = timeouts.block
        self._patience = {
            Step.RSET: timeouts.mail,
            Step.MAIL: timeouts.mail,
            Step.RCPT: timeouts.rcpt,
            Step.DATA: timeouts.data,
            Step.FINAL_DOT: timeouts.final_dot,
        }
        self._has_carried_mail = False

    @classmethod
    async def open(
        cls, server: SmtpServer, *, timeouts: Timeouts, tls_context: ssl.SSLContext, client_name: str
    ) -> "Connection":
        """Connect, encrypt and sign in as the server's settings ask. Raises NoSession."""
        return cls(await open_session(server, timeouts, tls_context, client_name), timeouts)

    @property
    def is_usable(self) -> bool:
        return self._client.is_connected

    @property
    def is_encrypted(self) -> bool:
        return self._transport is not None and self._transport.get_extra_info("sslcontext") is not None

    def offers(self, extension: str) -> bool:
        """Whether the server named this extension in its last EHLO."""
        return self._client.supports_extension(extension)

    async def transact(self, envelope: Envelope, content: bytes, *, handing_over: HandingOver) -> Outcome:
        """Try to hand over one mail, and know as exactly as SMTP can what became of it.

        `content` has CRLF line ends. `handing_over` is awaited when the recipient was accepted, before DATA.
        Until the final dot is written nothing can have been accepted, so every break there is Retry; a break
        from then until the reply is Unknown. Raises Stale.
        """
        try:
            refused = await self._agree(envelope, len(content))
            if refused is not None:
                return refused
            await handing_over()
            reply = await self._ask(Step.DATA, b"DATA")
            if reply.severity != 3:
                return refusal(Step.DATA, reply)
            await self._write(content)
        except _Lost as lost:
            self.discard()
            return Retry(None, str(lost), is_outage=True)
        return await self._final_reply()

    def close(self) -> None:
        """Say goodbye and leave without waiting for the answer, which would change nothing (RFC 5321 §4.1.1.10)."""
        if self._client.protocol is not None and self._client.is_connected:
            self._client.protocol.write(b"QUIT\r\n")
        self._client.close()

    def discard(self) -> None:
        """Drop the connection at once, unsent octets included."""
        if self._transport is not None:
            self._transport.abort()  # type: ignore[attr-defined]  # typed as BaseTransport; TCP and TLS have it
        self._client.close()

    async def _agree(self, envelope: Envelope, size: int) -> Outcome | None:
        """MAIL and RCPT, after RSET where there was a mail before. None when both were accepted."""
        if self._has_carried_mail:
            await self._start_over()
        self._has_carried_mail = True
        reply = await self._ask(Step.MAIL, self._mail_command(envelope, size))
        if reply.severity != 2:
            return refusal(Step.MAIL, reply)
        recipient = f"RCPT TO:<{envelope.recipient}>".encode()
        reply = await self._ask(Step.RCPT, recipient)
        return None if reply.severity == 2 else refusal(Step.RCPT, reply)

    async def _start_over(self) -> None:
        """Forget an earlier mail that was refused halfway, and learn whether anybody is still there."""
        try:
            reply = await self._ask(Step.RSET, b"RSET")
        except _Lost as lost:
            raise Stale(str(lost)) from lost
        if reply.severity != 2:
            raise Stale(str(reply))

    def _mail_command(self, envelope: Envelope, size: int) -> bytes:
        command = f"MAIL FROM:<{envelope.sender}>"
        if self.offers("size"):
            command += f" SIZE={size}"  # RFC 1870 §3: refused before it is sent
        if envelope.needs_smtputf8:
            command += " SMTPUTF8 BODY=8BITMIME"  # RFC 6531 §3.1, §3.6: its headers are 8-bit
        return command.encode()

    async def _ask(self, step: Step, command: bytes) -> Reply:
        """One command, one reply. Raises _Lost when there is none, or more than one."""
        try:
            response = await self._client.execute_command(command, timeout=self._patience[step])
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _Lost(_told(step, error)) from error
        self._nothing_more(step)
        return Reply(response.code, response.message)

    def _nothing_more(self, step: Step) -> None:
        """Raises _Lost when more than the reply came: aiosmtplib would take it for the next command's reply."""
        protocol = self._client.protocol
        if protocol is not None and protocol._buffer:
            raise _Lost(f"{step}: the server said more than one reply")

    async def _write(self, content: bytes) -> None:
        """The whole content up to the final dot, out of this process. Raises _Lost: then it was not accepted."""
        stuffed = content.replace(b"\r\n.", b"\r\n..")  # RFC 5321 §4.5.2; a mail begins with a header, never a dot
        try:
            protocol = _protocol(self._client)
            # Nearly without a buffer, so that a break is noticed where it is. Not 0: over TLS, asyncio would then
            # pause for an empty buffer, and never go on.
            protocol.transport.set_write_buffer_limits(high=1)  # type: ignore[union-attr]  # typed as BaseTransport
            for start in range(0, len(stuffed), _BLOCK):
                protocol.write(stuffed[start : start + _BLOCK])
                async with asyncio.timeout(self._block_timeout):
                    await protocol._drain_helper()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _Lost(_told("the content", error)) from error

    async def _final_reply(self) -> Outcome:
        """The final dot and what the server makes of it."""
        try:
            protocol = _protocol(self._client)
            protocol.write(_FINAL_DOT)
        except (aiosmtplib.SMTPException, OSError) as error:
            self.discard()
            return Retry(None, _told("the content", error), is_outage=True)
        try:
            response = await protocol.read_response(timeout=self._patience[Step.FINAL_DOT])
        except (aiosmtplib.SMTPException, OSError) as error:
            self.discard()
            return Unknown(_told("after the content", error), is_outage=True)
        return verdict(Reply(response.code, response.message))


def _protocol(client: aiosmtplib.SMTP) -> SMTPProtocol:
    if client.protocol is None:
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")
    return client.protocol


def _told(step: str, error: Exception) -> str:
    """What broke, for people; an error of aiosmtplib's carries a code and the server's words."""
    if isinstance(error, TimeoutError):
        return f"{step}: no answer in time"
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{step}: {readable(error.message)}"
    return f"{step}: {readable(str(error)) or type(error).__name__}"
