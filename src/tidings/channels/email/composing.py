"""A mail as octets: pure, the same for the same mail, safe for any content (RFC 5322, RFC 2045–2047)."""

import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import format_datetime

from tidings.channels.base import Address, Message
from tidings.channels.email.addresses import mailbox
from tidings.channels.email.headers import address_line, list_id_line, text_line, url_line

_LINE_ENDS = re.compile("\r\n|\r")
_CONTROLS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f]")  # all but tab and line feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail(Message):
    """What one person is written. `html` is ready: styles inlined, values escaped, links absolute.

    `unsubscribe_url` takes a POST without a login (RFC 8058). `list_label` names the kind of mail for filters
    (RFC 2919), the type's key for instance. Mails with the same `thread` are shown together.
    """

    subject: str
    text: str
    html: str | None = None
    unsubscribe_url: str | None = None
    list_label: str | None = None
    thread: str | None = None


def compose(mail: Mail, *, sender: Address) -> bytes:
    """The mail as it crosses the wire: lines end with CRLF and have at most 998 octets, 76 outside of headers.

    Everything is ASCII, except headers that name an address whose local part is not (`Mailbox.needs_smtputf8`).
    Line breaks and controls in a subject or name become spaces. Raises CannotCompose for an address, unsubscribe
    address or list label that cannot be written.
    """
    lines = "\r\n".join([*_headers(mail, sender), *_body(mail)])
    return f"{lines}\r\n".encode()


def message_id(mail: Mail, *, sender: Address) -> str:
    """`<delivery id@domain of the sender>`: the same for every attempt, so that a repeat can be told as one."""
    return f"<{mail.delivery_id}@{mailbox(sender.value).domain}>"


def _headers(mail: Mail, sender: Address) -> Iterator[str]:
    domain = mailbox(sender.value).domain
    yield f"Date: {format_datetime(mail.date)}"
    yield address_line("From", sender)
    yield address_line("To", mail.to)
    yield text_line("Subject", mail.subject)
    yield f"Message-ID: {message_id(mail, sender=sender)}"
    if mail.thread is not None:
        # No mail has this id: it is the root that all mails of the thread answer (RFC 5322 §3.6.4).
        root = f"<thread.{hashlib.sha256(mail.thread.encode(errors='replace')).hexdigest()[:32]}@{domain}>"
        yield f"In-Reply-To: {root}"
        yield f"References: {root}"
    yield "Auto-Submitted: auto-generated"  # RFC 3834 §5: no holiday reply is wanted
    if mail.list_label is not None:
        yield list_id_line(mail.list_label, domain)
    if mail.unsubscribe_url is not None:
        yield url_line("List-Unsubscribe", mail.unsubscribe_url)
        yield "List-Unsubscribe-Post: List-Unsubscribe=One-Click"
    yield "MIME-Version: 1.0"


def _body(mail: Mail) -> Iterator[str]:
    """Plain text, or plain text and HTML as alternatives, the richer last (RFC 2046 §5.1.4)."""
    if mail.html is None:
        yield from _part("text/plain", mail.text)
        return
    # "=_" cannot occur in quoted-printable (RFC 2045 §6.7), so the boundary cannot occur in a part.
    boundary = f"=_{mail.delivery_id.hex}"
    yield f'Content-Type: multipart/alternative; boundary="{boundary}"'
    yield ""
    for kind, content in (("text/plain", mail.text), ("text/html", mail.html)):
        yield f"--{boundary}"
        yield from _part(kind, content)
    yield f"--{boundary}--"


def _part(kind: str, content: str) -> Iterator[str]:
    yield f"Content-Type: {kind}; charset=utf-8"
    yield "Content-Transfer-Encoding: quoted-printable"
    yield ""
    yield from quoted_printable(content)


def quoted_printable(content: str) -> list[str]:
    """Lines of at most 76 characters (RFC 2045 §6.7). Line ends become one kind and none is kept at the end;
    controls other than tab are left out."""
    text = _CONTROLS.sub("", _LINE_ENDS.sub("\n", content))
    octets = binascii.b2a_qp(text.rstrip("\n").encode(errors="replace"), quotetabs=False, istext=True)
    return octets.decode("ascii").split("\n")
