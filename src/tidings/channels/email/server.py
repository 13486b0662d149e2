"""Which mail server, and how it is spoken to: `smtp://user:password@host:587`, `smtps://…`."""

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import idna

from tidings.channels.email.errors import MailSettingsError

_PORTS = {"smtp": 587, "smtps": 465}  # RFC 6409 §3.1; RFC 8314 §7.3
_EXAMPLE = "write it like smtp://user:password@mail.example.org:587"


class Tls(StrEnum):
    """When the connection is encrypted. A certificate is verified in every case."""

    IMPLICIT = "implicit"
    """From the first byte (RFC 8314 §3): what `smtps://` means."""
    REQUIRED = "required"
    """By STARTTLS (RFC 3207), or nothing is sent: `?tls=required`, and wherever there are credentials."""
    OPTIONAL = "optional"
    """By STARTTLS when offered; a handshake that fails is never followed by plain text."""
    OFF = "off"
    """Never: `?tls=off`, for a relay on this very machine whose certificate nobody signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """A submission server (RFC 6409) as the operator named it."""

    host: str
    port: int
    tls: Tls
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_smtp_url(url: str) -> SmtpServer:
    """Read the setting. User and password are percent-decoded. Raises MailSettingsError, without the password.

    The port is 587, or 465 for smtps. `?tls=required` or `?tls=off` changes what `smtp://` means; with
    credentials it is always `required`, so that they never cross a network in the clear.
    """
    parts = _split(url)
    if parts.scheme not in _PORTS:
        raise MailSettingsError(f"the mail server's URL begins with smtp:// or smtps://; {_EXAMPLE}")
    if not parts.hostname or parts.path not in {"", "/"} or parts.fragment:
        raise MailSettingsError(f"the mail server's URL is not a host and a port (special characters in the "
                                f"password are written as %40 and so on); {_EXAMPLE}")  # fmt: skip
    user, password = _credentials(parts)
    return SmtpServer(
        host=_host(parts.hostname),
        port=_port(parts),
        tls=_tls(parts, has_credentials=user is not None),
        user=user,
        password=password,
    )


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise MailSettingsError(f"the mail server's URL cannot be read; {_EXAMPLE}") from None


def _host(name: str) -> str:
    try:
        return name if ":" in name or "_" in name else idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        raise MailSettingsError("the mail server's host is not a host name") from None


def _port(parts: SplitResult) -> int:
    try:
        return parts.port or _PORTS[parts.scheme]
    except ValueError:
        raise MailSettingsError(f"the mail server's port is not a number up to 65535; {_EXAMPLE}") from None


def _credentials(parts: SplitResult) -> tuple[str | None, str | None]:
    if not parts.username and not parts.password:
        return None, None
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not user or not password:
        raise MailSettingsError("the mail server's URL has a user without a password, or the reverse")
    if "\0" in user + password:
        raise MailSettingsError("a NUL character cannot be part of the mail server's user or password")
    return user, password


def _tls(parts: SplitResult, *, has_credentials: bool) -> Tls:
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    wanted = options.pop("tls", None)
    if options or wanted not in {None, "required", "optional", "off"}:
        raise MailSettingsError("the mail server's URL takes one option: tls=required, tls=optional or tls=off")
    if parts.scheme == "smtps":
        if wanted in {"optional", "off"}:
            raise MailSettingsError("smtps:// is encrypted from the start; take smtp:// for another tls option")
        return Tls.IMPLICIT
    if has_credentials:
        if wanted == "off":
            raise MailSettingsError("tls=off cannot go with a password: it would cross the network in the clear")
        return Tls.REQUIRED
    return Tls(wanted or "optional")
