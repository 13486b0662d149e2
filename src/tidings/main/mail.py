"""Where mail goes: to the server of the settings, or into a folder while none is set."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from tidings.channels.base import Address, Channel
from tidings.channels.email.addresses import parse_mail_from
from tidings.channels.email.channel import EmailChannel
from tidings.channels.email.composing import Mail
from tidings.channels.email.errors import MailSettingsError
from tidings.channels.email.mailbox import MailboxChannel, MailFolder
from tidings.channels.email.server import SmtpServer, parse_smtp_url
from tidings.settings import Settings, SettingsError

FOLDER = "mails"


@dataclass(frozen=True, slots=True)
class MailService:
    """The e-mail channel of this process; `provider` is what its deliveries are recorded with."""

    channel: Channel[Mail]
    provider: str
    sender: Address
    folder: MailFolder | None
    """Where mail is kept while no server is set; None when one is."""
    close: Callable[[], None]


def mail_service(settings: Settings) -> MailService:
    """The e-mail channel as set; nothing is connected yet. Raises SettingsError, never with the password."""
    sender = _sender(settings)
    if not settings.smtp_url:
        folder = MailFolder(settings.data_dir / FOLDER)
        return MailService(MailboxChannel(folder, sender=sender), "mailbox", sender, folder, lambda: None)
    server = _server(settings)
    channel = EmailChannel(server, sender=sender, connections=settings.smtp_connections)
    return MailService(channel, server.host, sender, None, channel.close)


def _server(settings: Settings) -> SmtpServer:
    try:
        return parse_smtp_url(settings.smtp_url)
    except MailSettingsError as error:
        raise SettingsError(f"TIDINGS_SMTP_URL: {error}") from None


def _sender(settings: Settings) -> Address:
    if not settings.mail_from:
        return Address(value=f"tidings@{_mail_domain(settings.base_url)}", name="Tidings")
    try:
        return parse_mail_from(settings.mail_from)
    except MailSettingsError as error:
        raise SettingsError(f"TIDINGS_MAIL_FROM: {error}") from None


def _mail_domain(base_url: str) -> str:
    """The host that people know us by; an IP address is no mail domain (RFC 5321 §4.1.3 wants brackets)."""
    host = urlsplit(base_url).hostname or "localhost"
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host
    return "localhost"
