"""Mail addresses as SMTP wants them: RFC 5321 §4.1.2 and, beyond ASCII, RFC 6531 and RFC 5890."""

import re
import unicodedata
from dataclasses import dataclass
from email.utils import getaddresses

import idna

from tidings.channels.base import Address
from tidings.channels.email.errors import CannotCompose, MailSettingsError

MAX_LOCAL_OCTETS = 64  # RFC 5321 §4.5.3.1.1
MAX_ADDRESS_OCTETS = 254  # a path of 256 (RFC 5321 §4.5.3.1.3) less its brackets
MAX_DOMAIN_OCTETS = 253
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_DOT_STRING = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_UNSEEN = ("C", "Z")  # controls, format characters, surrogates, unassigned; spaces


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address that is safe in an SMTP command and in a header; the domain is ASCII."""

    local: str
    domain: str

    @property
    def needs_smtputf8(self) -> bool:
        """Whether only a server with SMTPUTF8 (RFC 6531) can take it."""
        return not self.local.isascii()

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


def mailbox(address: str) -> Mailbox:
    """The address with its domain in ASCII (IDNA 2008). Raises CannotCompose for what is not one plain address.

    Quoted local parts and address literals are refused: nobody has them, and they are how parsers are fooled.
    Whether the domain exists is not asked: an intranet's addresses are addresses.
    """
    local, at, domain = address.rpartition("@")
    if not at or not _DOT_STRING.fullmatch(local) or any(unicodedata.category(c)[0] in _UNSEEN for c in local):
        raise CannotCompose("this is not a mail address")
    found = Mailbox(local, _ascii_domain(domain))
    if len(local.encode()) > MAX_LOCAL_OCTETS or len(str(found).encode()) > MAX_ADDRESS_OCTETS:
        raise CannotCompose("the mail address is too long")
    return found


def parse_mail_from(text: str) -> Address:
    """Read `ops@example.org` or `Tidings <ops@example.org>`. Raises MailSettingsError."""
    try:
        ((name, address),) = getaddresses([text])
        mailbox(address)
    except ValueError as error:  # not one address, or one that cannot be written
        raise MailSettingsError(f"{text!r} is not a sender such as `Tidings <tidings@example.org>`") from error
    return Address(value=address, name=name)


def _ascii_domain(domain: str) -> str:
    try:
        name = idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError) as error:
        raise CannotCompose("the domain of the mail address is not a domain name") from error
    if not name or name.endswith(".") or len(name) > MAX_DOMAIN_OCTETS:
        raise CannotCompose("the domain of the mail address is not a domain name")
    return name
