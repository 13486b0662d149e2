"""People with tokens in a whole Tidings: what moves them and the model of them alike."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import httpx
import pyotp
from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import select

from tests.accounts.mailbox import letters
from tests.accounts.stage import Stage
from tests.accounts.token_model import ACCESS, HALF, IDLE, LIFE, Half, Link, Pair, Person, Refresh, SignIn
from tests.accounts.world import HASH, PASSWORD
from tidings.accounts.audit.types import SERVER
from tidings.accounts.keys import create_key
from tidings.accounts.mail_tokens.models import MailToken
from tidings.accounts.mail_tokens.types import MailPurpose
from tidings.accounts.pending_sign_ins.models import PendingSignIn
from tidings.accounts.sessions import Device, start_browser_session
from tidings.accounts.types import AccessType, AccountState, Scope
from tidings.accounts.users import create_user

ME = "/users/me"
LETTERS = {
    MailPurpose.VERIFY_EMAIL: "verify_email",
    MailPurpose.RESET_PASSWORD: "password_reset",
    MailPurpose.CONFIRM_EMAIL: "confirm_email",
    MailPurpose.UNDO_EMAIL: "email_changed",
    MailPurpose.INVITATION: "invitation",
}


class TokenPlay(RuleBasedStateMachine):
    """Everybody, and everything that was ever handed to them."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.numbers = count()
        self.key = ""
        """An API key with every right, which no step takes away."""
        self.people: list[Person] = []
        self.doors: list[str] = []
        """Whatever opened the door once."""
        self.families: list[tuple[SignIn, Pair]] = []
        self.halves: list[Half] = []
        self.links: list[Link] = []

    @property
    def now(self) -> datetime:
        return self.stage.clock.now()

    def active(self, pick: int) -> Person:
        found = [person for person in self.people if person.is_active] or [self.join(f"p{next(self.numbers)}")]
        return found[pick % len(found)]

    def living(self) -> dict[str, SignIn]:
        """Exactly what opens the door now, and whose sign-in it is."""
        return {key: each for person in self.people for each in person.sign_ins for key in each.keys(self.now)}

    def opened(self, pick: int) -> tuple[SignIn, str] | None:
        """Somebody's sign-in that lives, and what they show for it."""
        live = [(sign_in, key) for key, sign_in in self.living().items()]
        return live[pick % len(live)] if live else None

    def somebody(self, pick: int) -> tuple[SignIn, str]:
        """The same where there is somebody."""
        found = self.opened(pick)
        assert found
        return found

    def refreshed(self, *, within: timedelta | None = None) -> list[tuple[SignIn, Pair]]:
        """The pairs that were refreshed, ever or not longer ago than that."""
        used = [(each, pair, pair.refreshed_at) for each, pair in self.families if pair.refreshed_at]
        return [(each, pair) for each, pair, moment in used if within is None or self.now <= moment + within]

    def asks(self, method: str, path: str, body: Any = None, *, shows: str | None = None) -> httpx.Response:
        """The answer to a request (Any: JSON) of whoever shows this cookie or bearer token."""
        headers = {} if shows is None else {"Authorization": f"Bearer {shows}"}
        if shows and shows.startswith("tdb_"):
            headers = {"Cookie": f"tidings={shows}"}
        self.stage.client.cookies.clear()
        return self.stage.run(self.stage.client.request(method, path, json=body, headers=headers))

    def refuses(self, keys: list[str]) -> None:
        for key in keys:
            assert self.asks("GET", ME, shows=key).status_code == 401

    def refresh(self, sign_in: SignIn, pair: Pair) -> None:
        expected = sign_in.expected(pair, self.now)
        answer = self.asks("POST", "/auth/refresh", {"refresh_token": pair.refresh})
        if expected is Refresh.FIRST:
            sign_in.refreshed(pair, self.pair(sign_in, answer.json()), self.now)
        elif expected is Refresh.AGAIN:
            assert pair.successor
            assert answer.json()["refresh_token"] == pair.successor.refresh
            assert answer.json()["access_token"] == pair.successor.access
        elif expected is Refresh.REPLAY:
            assert answer.json()["code"] == "refresh_token_replayed"
            sign_in.end()
        else:
            assert answer.json()["code"] == "invalid_refresh_token"

    def sign_in(self, person: Person, way: str, *, instead_of: SignIn | None = None) -> None:
        """With the password; who has a second factor is half signed in, and nothing ends yet.

        Who went back to an earlier address has none until they use the link that was mailed there (test_recovery.py).
        """
        if not person.password:
            return
        body = {"login": person.name, "password": person.password}
        answer = self.asks("POST", f"/auth/{way}", body, shows=instead_of.cookie if instead_of else None)
        if person.totp:
            half = Half(person, answer.json()["mfa_token"], self.now + HALF)
            person.halves.append(half)
            self.halves.append(half)
            return
        if instead_of:
            instead_of.end()
        self.signed_in(person, answer)

    def show_factor(self, half: Half) -> None:
        """The second factor, with a code that was not used yet."""
        self.stage.clock.advance(seconds=30)
        assert half.person.totp
        body = {"mfa_token": half.token, "code": half.person.totp.at(self.now)}
        answer = self.asks("POST", "/auth/mfa", body)
        assert answer.status_code == (200 if half.is_alive(self.now) else 400), answer.text
        if answer.status_code == 200:
            half.person.halves.remove(half)
            self.signed_in(half.person, answer)

    def ask_for_reset(self, person: Person) -> None:
        assert self.asks("POST", "/auth/password-reset/request", {"email": person.email}).status_code == 202
        link = self.mailed(person, MailPurpose.RESET_PASSWORD, person.email)
        assert link is None or person.is_active

    def signed_in(self, person: Person, answer: httpx.Response) -> None:
        assert answer.status_code == 200, answer.text
        sign_in = SignIn(person, self.now + LIFE, self.now + IDLE, used_at=self.now, confirmed_at=self.now)
        if cookie := answer.cookies.get("tidings"):
            sign_in.cookie = self.door(cookie)
        else:
            sign_in.pairs.append(self.pair(sign_in, answer.json()))
        person.sign_ins.append(sign_in)

    def pair(self, sign_in: SignIn, tokens: dict[str, Any]) -> Pair:
        until = min(self.now + ACCESS, sign_in.ends)
        pair = Pair(self.door(tokens["access_token"]), tokens["refresh_token"], until)
        self.families.append((sign_in, pair))
        return pair

    def door(self, key: str) -> str:
        assert key not in self.doors
        self.doors.append(key)
        return key

    def mailed(self, person: Person, purpose: MailPurpose, to: str) -> Link | None:
        """The link that was mailed just now, unless the day's letters to that mailbox were used up."""
        written = self.stage.run(letters(self.stage.tidings, LETTERS[purpose]))
        known = {link.token for link in self.links}
        fresh = [letter.token for letter in written if letter.to == to and letter.token not in known]
        if not fresh:
            return None
        link = Link(person, purpose, to, fresh[-1], self.now)
        person.gets(link)
        self.links.append(link)
        return link

    def follow(self, link: Link) -> None:
        """Use a link: it does its work once, while it lives."""
        person, new, was_alive = link.person, self.new_password(), link.is_alive(self.now)
        answer = self.use(link, new)
        assert answer.status_code == (200 if was_alive else 400), (link, answer.text)
        if not was_alive:
            return
        person.links.remove(link)
        before = person.email if person.is_verified else None
        person.is_verified = person.is_verified or link.purpose is not MailPurpose.RESET_PASSWORD
        if link.purpose is MailPurpose.RESET_PASSWORD:
            person.password = new
            person.lose_access()
            person.forget_links()
        elif link.purpose is MailPurpose.CONFIRM_EMAIL:
            person.email = link.email
            person.forget_links()
            if before:
                self.mailed(person, MailPurpose.UNDO_EMAIL, before)
        elif link.purpose is MailPurpose.UNDO_EMAIL:
            person.goes_back(link)
            self.mailed(person, MailPurpose.RESET_PASSWORD, person.email)
        elif link.purpose is MailPurpose.INVITATION:
            person.state, person.password = AccountState.ACTIVE, new
            person.lose_everything()

    def name_of(self, sign_in: SignIn) -> str:
        """What its owner calls it to end it."""
        shown = self.asks("GET", f"{ME}/sessions", shows=sign_in.keys(self.now)[0]).json()["sessions"]
        return next(str(each["id"]) for each in shown if each["is_current"])

    def use(self, link: Link, new: str) -> httpx.Response:
        if link.purpose is MailPurpose.RESET_PASSWORD:
            body = {"token": link.token, "new_password": new}
            return self.asks("POST", "/auth/password-reset/confirm", body)
        if link.purpose is MailPurpose.INVITATION:
            body = {"token": link.token, "username": link.person.name, "name": "Guest", "password": new}
            return self.asks("POST", "/auth/invitation", body)
        return self.asks("POST", "/auth/verify-email", {"token": link.token})

    def new_password(self) -> str:
        return f"{PASSWORD} {next(self.numbers)}"

    def join(self, name: str, *, has_factor: bool = False) -> Person:
        person = Person(self.stage.run(self._make(name)), name, f"{name}@example.org", PASSWORD)
        self.people.append(person)
        if has_factor:
            cookie = self.stage.run(self._cookie_of(person))
            person.totp = pyotp.TOTP(self.asks("POST", f"{ME}/mfa/totp", shows=cookie).json()["secret"])
            code = {"code": person.totp.at(self.now)}
            assert self.asks("POST", f"{ME}/mfa/totp/confirm", code, shows=cookie).status_code == 200
            self.asks("DELETE", f"/users/{person.id}/sessions", shows=self.key)
        return person

    async def _make(self, name: str) -> UUID:
        async with self.stage.database.write() as session:
            user = await create_user(
                session,
                username=name,
                email=f"{name}@example.org",
                name=name.title(),
                password_hash=HASH,
                access_type=AccessType.REGULAR,
                state=AccountState.ACTIVE,
                email_verified=False,
                by=SERVER,
                now=self.now,
            )
            return user.id

    async def make_key(self) -> str:
        async with self.stage.database.write() as session:
            _, key = await create_key(
                session,
                owner_id=None,
                name="admin",
                scopes=[Scope.ADMIN],
                expires_at=None,
                by=SERVER,
                now=self.now,
            )
            return key

    async def _cookie_of(self, person: Person) -> str:
        async with self.stage.database.write() as session:
            return await start_browser_session(session, person.id, device=Device(), now=self.now)

    async def purge(self) -> None:
        for task in self.stage.tidings.tasks:
            if task.name in {"purge_sessions", "purge_tokens", "purge_pending_sign_ins", "purge_mail_tokens"}:
                await task.run(self.now)

    async def waiting(self) -> tuple[set[bytes], set[bytes]]:
        async with self.stage.database.read() as session:
            links = await session.scalars(select(MailToken.digest).where(MailToken.expires_at > self.now))
            halves = await session.scalars(select(PendingSignIn.digest).where(PendingSignIn.expires_at > self.now))
            return set(links), set(halves)
