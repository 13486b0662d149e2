"""What a server's reply means for a mail: pure, RFC 5321 §4.2 and the enhanced codes of RFC 3463."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from tidings.channels.base import Gone, Outcome, Refused, Retry, Sent, Unknown

MAX_DETAIL = 300
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?!\S)")

NOBODY_THERE = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
"""No such mailbox, no such system, no such syntax, moved away (RFC 3463 §3.2); takes no mail (RFC 7505 §4.2).

Only these remove an address. A bare 550 may as well be a policy ("mailbox not found, no access, or command
rejected for policy reasons", RFC 5321 §4.2.2), and 5.2.1 is also said to those who write too fast.
"""

NOT_ABOUT_THE_MAIL = frozenset({421, 500, 502, 503, 530, 534, 535, 538})
"""Service closing, unknown command, bad sequence, sign in first, encrypt first (RFC 5321 §4.2.2, RFC 4954 §6).

The server's fault, ours or the operator's; the mail is as good as before.
"""


class Step(StrEnum):
    """Where in a mail a reply belongs."""

    RSET = "RSET"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    FINAL_DOT = "the content"


@dataclass(frozen=True, slots=True)
class Reply:
    """A code and a text, as the server gave them; any number may come."""

    code: int
    text: str

    @property
    def severity(self) -> int:
        """The first digit, which is all a client may need (RFC 5321 §4.3.2)."""
        return self.code // 100

    @property
    def enhanced(self) -> str | None:
        """The enhanced status code (RFC 2034), when there is one."""
        found = _ENHANCED.match(self.text)
        return found.group() if found else None

    def __str__(self) -> str:
        return f"{self.code} {readable(self.text)}".strip()


def refusal(step: Step, reply: Reply) -> Outcome:
    """What a negative reply to a step means; after the final dot, what anything but acceptance means."""
    detail = f"{step}: {reply}"
    if reply.code in NOT_ABOUT_THE_MAIL:
        return Retry(None, detail, is_outage=True)
    if reply.severity == 4:
        return Retry(None, detail)
    if reply.severity != 5:
        is_open = step is Step.FINAL_DOT
        return Unknown(detail, is_outage=True) if is_open else Retry(None, detail, is_outage=True)
    if step in {Step.RCPT, Step.FINAL_DOT} and reply.enhanced in NOBODY_THERE:
        return Gone(detail)
    return Refused(detail)


def verdict(reply: Reply) -> Outcome:
    """What the reply to the whole mail means; of an acceptance, its text is what the server calls the mail."""
    if reply.severity == 2:
        return Sent(readable(reply.text) or None)
    return refusal(Step.FINAL_DOT, reply)


def readable(text: str) -> str:
    """A server's words, fit for a log and a database: one short line without control characters."""
    words = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in text)
    line = " ".join(words.split())
    return line if len(line) <= MAX_DETAIL else line[: MAX_DETAIL - 1] + "…"
