"""From nothing to a mail server that would take a mail: connected, encrypted and signed in, as the settings ask."""

import ssl

import aiosmtplib

from tidings.channels.email.replies import Reply, readable
from tidings.channels.email.server import SmtpServer, Tls
from tidings.channels.email.timeouts import Timeouts


class NoSession(Exception):
    """The server cannot be used now; no mail is to blame."""


async def open_session(
    server: SmtpServer, timeouts: Timeouts, tls_context: ssl.SSLContext, client_name: str
) -> aiosmtplib.SMTP:
    """A client that is ready for MAIL. Raises NoSession, with nothing left open and no password in its words."""
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        local_hostname=client_name,
        use_tls=server.tls is Tls.IMPLICIT,
        start_tls=False,  # and no user name: each step is taken here, with its own timeout
        tls_context=tls_context,
        timeout=timeouts.connect,
    )
    try:
        await client.connect()
        await _greet(client, timeouts)
        is_encrypted = server.tls is Tls.IMPLICIT or await _start_tls(client, server, timeouts)
        if server.user is not None and server.password is not None:
            await _sign_in(client, server.user, server.password, timeouts, is_encrypted=is_encrypted)
    except (aiosmtplib.SMTPException, OSError) as error:
        client.close()
        raise NoSession(f"{server}: {_told(error)}") from error
    except BaseException:  # NoSession from a step, or cancelled
        client.close()
        raise
    return client


async def _greet(client: aiosmtplib.SMTP, timeouts: Timeouts) -> None:
    """EHLO, or HELO for a server that does not know it (RFC 5321 §3.2)."""
    try:
        await client.ehlo(timeout=timeouts.ehlo)
    except aiosmtplib.SMTPHeloError as error:
        if error.code not in {500, 502}:
            raise
        await client.helo(timeout=timeouts.ehlo)


async def _start_tls(client: aiosmtplib.SMTP, server: SmtpServer, timeouts: Timeouts) -> bool:
    """Whether the connection is encrypted now. What was learnt before it is forgotten (RFC 3207 §4.2)."""
    if server.tls is Tls.OFF:
        return False
    if not client.supports_extension("starttls"):
        if server.tls is Tls.REQUIRED:
            raise NoSession(f"{server}: the server offers no TLS, so it was told neither password nor mail")
        return False
    await client.starttls(timeout=timeouts.starttls)
    await client.ehlo(timeout=timeouts.ehlo)
    return True


async def _sign_in(
    client: aiosmtplib.SMTP, user: str, password: str, timeouts: Timeouts, *, is_encrypted: bool
) -> None:
    """One try with one mechanism: each more would count against the account. Raises NoSession.

    The server's words are left out, because some repeat what they were sent.
    """
    if not is_encrypted:
        raise NoSession("a password is never sent without TLS")
    mechanisms = {"plain": client.auth_plain, "login": client.auth_login, "cram-md5": client.auth_crammd5}
    offered = [name for name in mechanisms if name in client.server_auth_methods]
    if not offered:
        raise NoSession("the server offers no way to sign in that we know (PLAIN, LOGIN, CRAM-MD5)")
    try:
        await mechanisms[offered[0]](user, password, timeout=timeouts.auth)
    except aiosmtplib.SMTPAuthenticationError as error:
        code = Reply(error.code, error.message).enhanced
        raise NoSession(f"signing in as {user} was refused: {error.code} {code or ''}".rstrip()) from None


def _told(error: Exception) -> str:
    """What broke, for people."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return readable(f"{error.code if error.code > 0 else ''} {error.message}")
    return readable(str(error)) or type(error).__name__
