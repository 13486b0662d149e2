"""How long each step of a mail may take, in seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """RFC 5321 §4.5.3.2 names minutes for each step of a conversation between mail systems.

    Where giving up costs only another try, we wait less than that, because a submission server is near; where it
    could cost a second copy of the mail, we wait as long as the RFC asks.
    """

    connect: float = 30.0
    """The TCP connection, with smtps the TLS handshake too; and once more for the greeting (RFC: 5 minutes)."""
    ehlo: float = 60.0
    """The answer to EHLO, each time it is said."""
    starttls: float = 30.0
    """The answer to STARTTLS, and once more the handshake."""
    auth: float = 60.0
    """Each answer while signing in."""
    mail: float = 60.0
    """The answers to RSET and MAIL (RFC: 5 minutes)."""
    rcpt: float = 60.0
    """The answer to RCPT, which may ask another server (RFC: 5 minutes)."""
    data: float = 120.0
    """The answer to DATA (RFC: 2 minutes)."""
    block: float = 180.0
    """Each 64 KiB of the content to leave this machine (RFC: 3 minutes)."""
    final_dot: float = 600.0
    """The answer to the whole mail (RFC: 10 minutes, "to keep duplicates rare")."""
