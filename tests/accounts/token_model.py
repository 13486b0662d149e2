"""Which tokens must be alive: what is promised about them, without any of the machinery that keeps the promises."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import pyotp

from tidings.accounts.mail_tokens.types import MailPurpose
from tidings.accounts.types import AccountState

IDLE, LIFE = timedelta(days=14), timedelta(days=90)
NOTED_EVERY = RECENT = timedelta(minutes=5)
ACCESS, GRACE, REMEMBERED = timedelta(minutes=15), timedelta(seconds=30), timedelta(days=30)
HALF = timedelta(minutes=10)
LINKS = {
    MailPurpose.VERIFY_EMAIL: timedelta(hours=24),
    MailPurpose.RESET_PASSWORD: timedelta(hours=1),
    MailPurpose.CONFIRM_EMAIL: timedelta(hours=24),
    MailPurpose.UNDO_EMAIL: timedelta(hours=72),
    MailPurpose.INVITATION: timedelta(hours=72),
}


class Refresh(StrEnum):
    """What a refresh token does."""

    FIRST = "makes the successor"
    AGAIN = "gives the same successor"
    REPLAY = "ends the family"
    NOTHING = "is refused"


@dataclass(eq=False)
class Pair:
    """An access token and the refresh token that came with it."""

    access: str
    refresh: str
    until: datetime
    refreshed_at: datetime | None = None
    successor: "Pair | None" = None


@dataclass(eq=False)
class SignIn:
    """One place where somebody is signed in: a browser with a cookie, or an app with a family of pairs."""

    person: "Person"
    ends: datetime
    idle_until: datetime
    used_at: datetime
    confirmed_at: datetime
    cookie: str | None = None
    pairs: list[Pair] = field(default_factory=list)

    def is_alive(self, now: datetime) -> bool:
        return self in self.person.sign_ins and now < min(self.idle_until, self.ends)

    def is_recent(self, now: datetime) -> bool:
        return now <= self.confirmed_at + RECENT

    def keys(self, now: datetime) -> list[str]:
        """What opens the door for this person."""
        if not self.is_alive(now):
            return []
        return [self.cookie] if self.cookie else [pair.access for pair in self.pairs if now < pair.until]

    def was_used(self, now: datetime) -> None:
        """A cookie was shown; an app's session goes on by refreshing alone."""
        if self.cookie and self.used_at + NOTED_EVERY <= now:
            self.used_at, self.idle_until = now, now + IDLE

    def expected(self, pair: Pair, now: datetime) -> Refresh:
        if not self.is_alive(now) or pair not in self.pairs:
            return Refresh.NOTHING
        if pair.refreshed_at is None:
            return Refresh.FIRST
        return Refresh.AGAIN if now <= pair.refreshed_at + GRACE else Refresh.REPLAY

    def refreshed(self, pair: Pair, successor: Pair, now: datetime) -> None:
        pair.refreshed_at, pair.successor = now, successor
        self.pairs.append(successor)
        self.used_at, self.idle_until = now, now + IDLE

    def forget_old_pairs(self, now: datetime) -> None:
        self.pairs = [pair for pair in self.pairs if not pair.refreshed_at or now <= pair.refreshed_at + REMEMBERED]

    def end(self) -> None:
        if self in self.person.sign_ins:
            self.person.sign_ins.remove(self)


@dataclass(eq=False)
class Link:
    """What came in a letter."""

    person: "Person"
    purpose: MailPurpose
    email: str
    token: str
    created_at: datetime

    def is_alive(self, now: datetime) -> bool:
        return self in self.person.links and now < self.created_at + LINKS[self.purpose]


@dataclass(eq=False)
class Half:
    """A sign-in that waits for its second factor."""

    person: "Person"
    token: str
    until: datetime

    def is_alive(self, now: datetime) -> bool:
        return self in self.person.halves and now < self.until


@dataclass(eq=False)
class Person:
    """Somebody with everything they hold."""

    id: UUID
    name: str
    email: str
    password: str = ""
    state: AccountState | None = AccountState.ACTIVE
    is_verified: bool = False
    totp: pyotp.TOTP | None = None
    sign_ins: list[SignIn] = field(default_factory=list)
    halves: list[Half] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    @property
    def is_active(self) -> bool:
        return self.state is AccountState.ACTIVE

    def gets(self, link: Link) -> None:
        """A newer link of the same kind voids the earlier; the ways back to different addresses stand side by side."""
        self.links = [each for each in self.links if each.purpose != link.purpose or not _replaces(link, each)]
        self.links.append(link)

    def forget_links(self) -> None:
        """All but the ways back."""
        self.links = [link for link in self.links if link.purpose is MailPurpose.UNDO_EMAIL]

    def withdraw(self, purpose: MailPurpose) -> None:
        self.links = [link for link in self.links if link.purpose is not purpose]

    def goes_back(self, link: Link) -> None:
        """To an earlier address: what came after it is no way back any more, and the password is void."""
        self.email, self.password = link.email, ""
        self.forget_links()
        self.links = [each for each in self.links if each.created_at < link.created_at]
        self.lose_access()

    def lose_access(self, but: SignIn | None = None) -> None:
        """Every sign-in ends, half-made ones too, except one."""
        self.sign_ins = [each for each in self.sign_ins if each is but]
        self.halves = []

    def lose_everything(self) -> None:
        self.lose_access()
        self.links = []


def _replaces(link: Link, earlier: Link) -> bool:
    return link.purpose is not MailPurpose.UNDO_EMAIL or link.email == earlier.email
