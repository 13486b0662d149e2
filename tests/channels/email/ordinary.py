"""An ordinary mail server, on loopback: aiosmtpd, which takes what it is given."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass(frozen=True)
class Received:
    """One mail as it arrived, and how."""

    sender: str
    recipients: list[str]
    options: list[str]
    content: bytes
    was_encrypted: bool
    user: str | None
    client_name: str


@dataclass
class Ordinary:
    """Where it listens, whom it refuses and how, and what arrived."""

    authority: str = ""
    refuses: dict[str, str] = field(default_factory=dict)
    mails: list[Received] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's names
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        if session not in self.sessions:
            self.sessions.append(session)
        return responses

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        assert envelope.mail_from is not None
        auth: object = session.auth_data if session.authenticated else None
        self.mails.append(
            Received(
                sender=envelope.mail_from,
                recipients=[str(recipient) for recipient in envelope.rcpt_tos],
                options=list(envelope.mail_options),
                content=envelope.content,
                was_encrypted=server.transport is not None
                and server.transport.get_extra_info("sslcontext") is not None,
                user=auth.login.decode() if isinstance(auth, LoginPassword) else None,
                client_name=session.host_name or "",
            )
        )
        return f"250 2.0.0 queued as {len(self.mails)}"


@asynccontextmanager
async def ordinary(
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    passwords: dict[str, str] | None = None,
    without: tuple[str, ...] = (),
    smtputf8: bool = True,
    size_limit: int = 2**25,
) -> AsyncIterator[Ordinary]:
    """A server of this test's own; `passwords` makes it want one of them, by a mechanism not in `without`."""
    received = Ordinary()
    loop = asyncio.get_running_loop()

    def check_password(
        _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        is_right = (passwords or {}).get(data.login.decode()) == data.password.decode()
        return AuthResult(success=is_right, handled=False, auth_data=data)

    def make() -> SMTP:
        with warnings.catch_warnings(action="ignore"):  # it does not see that smtps is encrypted already
            return _smtp()

    def _smtp() -> SMTP:
        return SMTP(
            received,
            hostname="mail.example.net",
            tls_context=starttls,
            require_starttls=False,
            auth_required=passwords is not None,
            auth_require_tls=tls is None,
            auth_exclude_mechanism=without,
            authenticator=check_password,
            enable_SMTPUTF8=smtputf8,
            data_size_limit=size_limit,
            loop=loop,
        )

    server = await loop.create_server(make, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    received.authority = f"localhost:{port}"
    try:
        yield received
    finally:
        server.close()
