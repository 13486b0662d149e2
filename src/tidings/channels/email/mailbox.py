"""Mail while there is no server: kept as files a developer reads on a page, or opens with any mail program."""

import asyncio
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import Parser
from email.policy import default as modern
from functools import lru_cache
from itertools import takewhile
from pathlib import Path
from uuid import UUID

import structlog

from tidings.channels.base import Address, Check, HandingOver, Outcome, Refused, Retry, Sent
from tidings.channels.email.composing import Mail, compose
from tidings.channels.email.errors import CannotCompose

KEEP = 500
_SUFFIX = ".eml"
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMail:
    """One mail as a list shows it."""

    delivery_id: UUID
    kept_at: datetime
    to: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedMail:
    """One mail as a page shows it, line ends plain. `html` is what was sent: show it in a sandboxed frame."""

    headers: tuple[tuple[str, str], ...]
    text: str
    html: str | None
    raw: bytes


class MailFolder:
    """A folder of kept mails, one file a delivery, readable by its owner only; only the newest are kept.

    Reads and writes files where it is called: a page asks it from a thread.
    """

    def __init__(self, path: Path, *, keep: int = KEEP) -> None:
        self.path = path
        self._keep = keep

    def keep(self, delivery_id: UUID, content: bytes) -> Path:
        """Store a mail whole or not at all, in place of an earlier attempt's. Raises OSError."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = self._file(delivery_id)
        unfinished = self.path / f".{delivery_id}.{secrets.token_hex(4)}"
        try:
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
        for _, old in self._newest_first()[self._keep :]:
            old.unlink(missing_ok=True)
        return target

    def newest(self, *, limit: int = KEEP) -> list[KeptMail]:
        """The kept mails, newest first."""
        return list(self._listed(limit))

    def read(self, delivery_id: UUID) -> OpenedMail | None:
        """One kept mail, decoded; None when it is not (or no longer) here."""
        try:
            raw = self._file(delivery_id).read_bytes()
        except FileNotFoundError:
            return None
        mail = _parsed(raw)
        return OpenedMail(
            headers=tuple((name, str(value)) for name, value in mail.items()),
            text=_content(mail, "plain") or "",
            html=_content(mail, "html"),
            raw=raw,
        )

    def _listed(self, limit: int) -> Iterator[KeptMail]:
        for kept_at, path in self._newest_first()[:limit]:
            try:
                yield _summary(path, kept_at)
            except FileNotFoundError:
                continue  # another process made room

    def _newest_first(self) -> list[tuple[int, Path]]:
        """Files by their time; among those of one tick of the file system's clock, by id, which is a time too."""
        found = []
        for path in self.path.glob(f"[!.]*{_SUFFIX}"):
            if not _is_ours(path):
                continue
            try:
                found.append((path.stat().st_mtime_ns, path))
            except FileNotFoundError:
                continue  # another process made room
        return sorted(found, reverse=True)

    def _file(self, delivery_id: UUID) -> Path:
        return self.path / f"{delivery_id}{_SUFFIX}"


class MailboxChannel:
    """Takes the place of the e-mail channel while no server is set. It says so, in the log and to the doctor."""

    def __init__(self, folder: MailFolder, *, sender: Address) -> None:
        self._folder = folder
        self._sender = sender

    async def send(self, message: Mail, *, handing_over: HandingOver) -> Outcome:
        """Keep the mail; it then counts as sent. The contract is `tidings.channels.base.Channel.send`."""
        try:
            content = compose(message, sender=self._sender)
        except CannotCompose as error:
            return Refused(str(error))
        await handing_over()
        try:
            path = await asyncio.to_thread(self._folder.keep, message.delivery_id, content)
        except OSError as error:
            return Retry(None, f"the mail could not be kept: {error}")
        log.info("mail kept, not sent: TIDINGS_SMTP_URL is not set", path=str(path))
        return Sent(path.name)

    async def check(self) -> Check:
        """Always fine, and always said."""
        return Check(True, f"kept in {self._folder.path}, not sent: TIDINGS_SMTP_URL is not set")


def _is_ours(path: Path) -> bool:
    """Whether the file is named as we name them; somebody else's is neither listed nor removed."""
    try:
        return path.stem == str(UUID(path.stem))
    except ValueError:
        return False


@lru_cache(maxsize=KEEP)  # a page asks for the same list every few seconds
def _summary(path: Path, kept_at: int) -> KeptMail:
    """What a list shows of a mail; `kept_at`, the file's time in nanoseconds, changes with its content."""
    with path.open("rb") as file:
        mail = _parsed(
            b"".join(takewhile(lambda line: bytes(line).strip(), file))
        )  # up to the empty line (RFC 5322 §2.1)
    return KeptMail(
        delivery_id=UUID(path.stem),
        kept_at=datetime.fromtimestamp(kept_at / 1e9, UTC),
        to=str(mail["To"]),
        subject=str(mail["Subject"]),
    )


def _parsed(raw: bytes) -> EmailMessage:
    # As text: of octets, the parser takes headers to be ASCII, and an address may not be (RFC 6532).
    return Parser(EmailMessage, policy=modern).parsestr(raw.decode(errors="replace"))


def _content(mail: EmailMessage, kind: str) -> str | None:
    part = mail.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n").removesuffix("\n") if part is not None else None
