"""The life of accounts, whatever is done in whatever order: only what may happen does, and an administrator is left."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from tests.accounts.mailbox import Letter, letters
from tests.accounts.stage import BOUNDS, Stage, a_stage
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.types import SERVER, AuditAction
from tidings.accounts.errors import InvalidTransition, LastAdmin, TokenInvalid
from tidings.accounts.governing import govern
from tidings.accounts.invitations.inviting import NewAccount, accept_invitation, invite
from tidings.accounts.mail_tokens.tokens import LIVES, use_mail_token
from tidings.accounts.mail_tokens.types import MailPurpose
from tidings.accounts.models import User
from tidings.accounts.password_resets.resetting import ask_for_reset, reset_password
from tidings.accounts.sessions import Device, prove_cookie, start_browser_session
from tidings.accounts.sign_up.deciding import approve_user, reject_user
from tidings.accounts.sign_up.signing_up import Applicant, sign_up
from tidings.accounts.sign_up.verifying import resend_verification, verify_user_email
from tidings.accounts.types import AccessType, AccountState
from tidings.accounts.users import (
    change_access_type,
    create_user,
    delete_user,
    put_recipient,
    reactivate_user,
    suspend_user,
)

picks = st.integers(0, 20)


@dataclass
class Account:
    """What this account must be by now."""

    id: UUID
    name: str
    email: str
    state: AccountState
    is_admin: bool = False
    is_verified: bool = False
    is_pending: bool = False
    was_approved: bool = False
    letters: int = 0
    cookie: str | None = None
    is_known_to_a_host: bool = False
    is_invited: bool = False
    """By an administrator, and not because somebody signed up with their address."""
    link: tuple[str, datetime] | None = None
    """The letter whose link makes the account theirs, and until when."""


class LifeMachine(RuleBasedStateMachine):
    """Administrators, applicants and the settings, each doing what they like."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.names = count()
        self.accounts: list[Account] = []
        self.freed: list[str] = []
        self.needs_approval = True
        self.needs_verification = True

    # --- the model -------------------------------------------------------------------------------------------

    def picked(self, pick: int) -> Account | None:
        return self.accounts[pick % len(self.accounts)] if self.accounts else None

    def is_last(self, account: Account) -> bool:
        admins = [each for each in self.accounts if each.is_admin and each.state is AccountState.ACTIVE]
        return admins == [account]

    def settles(self, account: Account) -> None:
        waits = account.is_pending or (self.needs_verification and not account.is_verified)
        if account.state is AccountState.REGISTERED and not waits:
            account.state = AccountState.ACTIVE
            account.letters += account.was_approved

    def does(self, work: Any, *refusals: type[Exception]) -> bool:  # Any: a function of a session
        """Whether it was done; one of these refusals is the only other thing that may happen."""

        async def inside() -> None:
            async with self.stage.database.write() as session:
                await work(session)

        try:
            self.stage.run(inside())
        except refusals:
            return False
        return True

    @property
    def how(self) -> dict[str, Any]:
        return {"by": SERVER, "now": self.stage.clock.now()}

    @property
    def posting(self) -> dict[str, Any]:
        return {"keyring": self.stage.tidings.keyring, **self.how}

    def token(self, account: Account, name: str) -> str:
        """The newest link of this kind that was mailed to them, or one that never was."""
        mailed = self.mailed(account, name)
        return mailed[-1].token if mailed else "tdm_never"

    def mailed(self, account: Account, name: str) -> list[Letter]:
        return [each for each in self.stage.run(letters(self.stage.tidings, name)) if each.user_id == account.id]

    def links(self, account: Account, name: str, before: int) -> None:
        """The link they have now, unless the day's letters were used up and the one before is left."""
        if len(self.mailed(account, name)) > before:
            account.link = name, self.stage.clock.now() + LIVES[MailPurpose.INVITATION]

    # --- what happens ----------------------------------------------------------------------------------------

    @initialize()
    def a_first_administrator(self) -> None:
        self.stage.clear()
        self._make("root", is_admin=True)
        self._decide()

    @rule(approval=st.booleans(), verification=st.booleans())
    def the_settings_change(self, approval: bool, verification: bool) -> None:
        self.needs_approval, self.needs_verification = approval, verification
        self._decide()
        for account in self.accounts:
            self.settles(account)

    @rule()
    def somebody_signs_up(self) -> None:
        self._sign_up(f"p{next(self.names)}@example.org")

    @rule()
    def somebody_signs_up_with_an_address_that_a_rejection_freed(self) -> None:
        if self.freed:
            self._sign_up(self.freed.pop())

    @rule()
    def a_host_makes_somebody_known(self) -> None:
        name = f"p{next(self.names)}"
        email = f"{name}@example.org"
        assert self.does(lambda session: put_recipient(session, name, {"email": email}, **self.how))
        user = self.stage.run(self._with_email(email))
        self.accounts.append(
            Account(user.id, name, email, AccountState.RECIPIENT, is_verified=True, is_known_to_a_host=True)
        )

    @rule(pick=picks)
    def somebody_signs_up_with_an_address_that_is_known(self, pick: int) -> None:
        account = self.picked(pick)
        if account and account.email:
            before = len(self.mailed(account, "take_over"))
            is_waited_for = account.is_invited and account.link is not None and account.link[1] > self.stage.clock.now()
            assert self.does(lambda session: sign_up(session, self._applicant(account.email), **self.posting))
            if account.state is AccountState.RECIPIENT or (account.state is AccountState.INVITED and not is_waited_for):
                account.is_invited = account.is_admin = False
                self.links(account, "take_over", before)

    @rule(pick=picks, is_admin=st.booleans())
    def somebody_known_is_invited(self, pick: int, is_admin: bool) -> None:
        account = self.picked(pick)
        if account and account.state in {AccountState.RECIPIENT, AccountState.INVITED}:
            before = len(self.mailed(account, "invitation"))
            rights = AccessType.ADMIN if is_admin else AccessType.REGULAR
            email = account.email
            assert self.does(lambda session: invite(session, email, access_type=rights, name=None, **self.posting))
            account.state, account.is_invited, account.is_admin = AccountState.INVITED, True, is_admin
            self.links(account, "invitation", before)

    @rule(is_admin=st.booleans())
    def an_administrator_makes_somebody(self, is_admin: bool) -> None:
        self._make(f"p{next(self.names)}", is_admin=is_admin)

    @rule(is_admin=st.booleans())
    def somebody_is_invited(self, is_admin: bool) -> None:
        name = f"p{next(self.names)}"
        rights = AccessType.ADMIN if is_admin else AccessType.REGULAR
        email = f"{name}@example.org"
        assert self.does(lambda session: invite(session, email, access_type=rights, name=None, **self.posting))
        user = self.stage.run(self._with_email(email))
        invited = Account(user.id, name, email, AccountState.INVITED, is_admin=is_admin, is_invited=True)
        self.links(invited, "invitation", 0)
        self.accounts.append(invited)

    @rule(pick=picks, name=st.sampled_from(["invitation", "take_over"]))
    def somebody_chooses_how_to_sign_in(self, pick: int, name: str) -> None:
        if account := self.picked(pick):
            token = self.token(account, name)
            chosen = NewAccount(username=account.name, name=account.name, password_hash="x")
            done = self.does(lambda session: accept_invitation(session, token, chosen, **self.how), TokenInvalid)
            mailed, until = account.link or ("", self.stage.clock.now())
            is_good = mailed == name and self.stage.clock.now() < until
            assert done == (account.state in {AccountState.RECIPIENT, AccountState.INVITED} and is_good)
            if done:
                account.is_pending = self.needs_approval and not account.is_invited
                account.state = AccountState.REGISTERED if account.is_pending else AccountState.ACTIVE
                account.is_verified, account.link = True, None

    @rule(pick=picks)
    def an_address_is_verified(self, pick: int) -> None:
        if account := self.picked(pick):
            token = self.token(account, "verify_email")
            before = account.is_verified

            async def verify(session: AsyncSession) -> None:
                used = await use_mail_token(session, token, MailPurpose.VERIFY_EMAIL, now=self.stage.clock.now())
                await verify_user_email(session, used, **self.posting)

            if self.does(verify, TokenInvalid):
                assert account.state in {AccountState.REGISTERED, AccountState.ACTIVE}
                assert not before
                account.is_verified = True
                self.settles(account)

    @rule(pick=picks)
    def another_link_is_asked_for(self, pick: int) -> None:
        if account := self.picked(pick):
            keyring, now = self.stage.tidings.keyring, self.stage.clock.now()
            before = len(self.mailed(account, "take_over"))
            assert self.does(lambda session: resend_verification(session, account.email, keyring=keyring, now=now))
            self.links(account, "take_over", before)

    @rule(pick=picks)
    def an_administrator_approves(self, pick: int) -> None:
        if account := self.picked(pick):
            done = self.does(lambda session: approve_user(session, account.id, **self.posting), InvalidTransition)
            assert done == (account.state is AccountState.REGISTERED)
            if done:
                account.is_pending, account.was_approved = False, account.was_approved or account.is_pending
                self.settles(account)

    @rule(pick=picks)
    def an_administrator_rejects(self, pick: int) -> None:
        if account := self.picked(pick):
            done = self.does(lambda session: reject_user(session, account.id, **self.posting), InvalidTransition)
            assert done == (account.state is AccountState.REGISTERED)
            if done:
                account.is_pending = False
                account.state = AccountState.REJECTED
                if account.is_known_to_a_host:
                    account.state, account.is_admin = AccountState.RECIPIENT, False
                if not account.is_verified:
                    self.freed.append(account.email)
                    account.email = ""

    @rule(pick=picks)
    def an_administrator_suspends(self, pick: int) -> None:
        if account := self.picked(pick):
            done = self.does(
                lambda session: suspend_user(session, account.id, **self.how), InvalidTransition, LastAdmin
            )
            assert done == (account.state is AccountState.ACTIVE and not self.is_last(account))
            if done:
                account.state, account.cookie = AccountState.SUSPENDED, None

    @rule(pick=picks)
    def an_administrator_reactivates(self, pick: int) -> None:
        if account := self.picked(pick):
            done = self.does(lambda session: reactivate_user(session, account.id, **self.how), InvalidTransition)
            assert done == (account.state is AccountState.SUSPENDED)
            if done:
                account.state = AccountState.ACTIVE

    @rule(pick=picks, is_admin=st.booleans())
    def somebody_gets_other_rights(self, pick: int, is_admin: bool) -> None:
        account = self.picked(pick)
        if account and account.state is not AccountState.INVITED:  # theirs are those that were promised
            rights = AccessType.ADMIN if is_admin else AccessType.REGULAR
            done = self.does(
                lambda session: change_access_type(session, account.id, rights, **self.how),
                *(LastAdmin, InvalidTransition),
            )
            may_sign_in_once = account.state is not AccountState.RECIPIENT
            assert done == (may_sign_in_once and (is_admin or not self.is_last(account)))
            if done and account.is_admin != is_admin:
                account.is_admin, account.cookie = is_admin, None

    @rule(pick=picks)
    def somebody_is_removed(self, pick: int) -> None:
        if account := self.picked(pick):
            done = self.does(lambda session: delete_user(session, account.id, **self.how), LastAdmin)
            assert done == (not self.is_last(account))
            if done:
                self.accounts.remove(account)

    @rule(pick=picks)
    def a_password_is_reset(self, pick: int) -> None:
        if account := self.picked(pick):
            assert self.does(lambda session: ask_for_reset(session, account.email, **self.posting))
            token = self.token(account, "password_reset")
            if self.does(lambda session: reset_password(session, token, "y", **self.posting), TokenInvalid):
                assert account.state in {AccountState.REGISTERED, AccountState.ACTIVE}
                account.cookie = None

    @rule(pick=picks)
    def somebody_signs_in(self, pick: int) -> None:
        account = self.picked(pick)
        if account and account.state is AccountState.ACTIVE:

            async def start() -> str:
                async with self.stage.database.write() as session:
                    now = self.stage.clock.now()
                    return await start_browser_session(session, account.id, device=Device(), now=now)

            account.cookie = self.stage.run(start())

    @rule(hours=st.integers(1, 6))
    def time_passes(self, hours: int) -> None:
        self.stage.clock.advance(hours=hours)

    # --- what must hold --------------------------------------------------------------------------------------

    @invariant()
    def everybody_is_what_they_must_be(self) -> None:
        if self.accounts:
            users, moves, sessions = self.stage.run(self._read())
            assert {user.id: user.state for user in users} == {each.id: each.state for each in self.accounts}
            verified = {user.id for user in users if user.email_verified}
            assert verified == {each.id for each in self.accounts if each.is_verified}
            assert any(user.is_active and user.access_type is AccessType.ADMIN for user in users)
            assert sessions == {each.id for each in self.accounts if each.cookie}
            for user in users:
                last = moves.get(user.id)
                assert last is None or last == user.state  # every move stands in the audit log

    @invariant()
    def nobody_is_stranded(self) -> None:
        """Whoever waits, waits for an administrator, or for an address that the settings ask for."""
        for account in self.accounts:
            if account.state is AccountState.REGISTERED:
                assert account.is_pending or (self.needs_verification and not account.is_verified)

    @invariant()
    def who_waited_for_an_administrator_is_told_once(self) -> None:
        told = Counter(letter.user_id for letter in self.stage.run(letters(self.stage.tidings, "approved")))
        assert {account.id: told[account.id] for account in self.accounts} == {
            account.id: account.letters for account in self.accounts
        }

    # --- how -------------------------------------------------------------------------------------------------

    def _decide(self) -> None:
        values = {
            "sso_enabled": False,
            "sso_auto_redirect": False,
            "signup_enabled": True,
            "signup_require_admin_approval": self.needs_approval,
            "signup_require_email_verification": self.needs_verification,
        }
        assert self.does(lambda session: govern(session, values, **self.posting))

    def _make(self, name: str, *, is_admin: bool) -> None:
        async def make() -> User:
            async with self.stage.database.write() as session:
                return await create_user(
                    session,
                    username=name,
                    email=f"{name}@example.org",
                    name=name,
                    password_hash="x",
                    access_type=AccessType.ADMIN if is_admin else AccessType.REGULAR,
                    state=AccountState.ACTIVE,
                    **self.how,
                )

        user = self.stage.run(make())
        email = f"{name}@example.org"
        self.accounts.append(Account(user.id, name, email, AccountState.ACTIVE, is_admin=is_admin, is_verified=True))

    def _sign_up(self, email: str) -> None:
        applicant = self._applicant(email)
        assert self.does(lambda session: sign_up(session, applicant, **self.posting))
        user = self.stage.run(self._named(applicant.username))
        account = Account(user.id, applicant.username, email, AccountState.REGISTERED, is_pending=self.needs_approval)
        self.accounts.append(account)
        self.settles(account)

    def _applicant(self, email: str) -> Applicant:
        name = f"p{next(self.names)}"
        return Applicant(username=name, email=email, name=name, password_hash="x", email_verified=False, profile={})

    async def _named(self, name: str) -> User:
        async with self.stage.database.read() as session:
            return (await session.scalars(select(User).where(User.username == name))).one()

    async def _with_email(self, email: str) -> User:
        async with self.stage.database.read() as session:
            return (await session.scalars(select(User).where(User.email == email))).one()

    async def _read(self) -> tuple[list[User], dict[UUID | None, str], set[UUID]]:
        async with self.stage.database.read() as session:
            users = list(await session.scalars(select(User)))
            changed = AuditEntry.action == AuditAction.ACCOUNT_STATE_CHANGED
            moves = await session.scalars(select(AuditEntry).where(changed).order_by(AuditEntry.id))
            proofs = [
                await prove_cookie(session, each.cookie, now=self.stage.clock.now())
                for each in self.accounts
                if each.cookie
            ]
            last = {entry.target_id: entry.detail["to"] for entry in moves}
        return users, last, {proof.caller.person_id for proof in proofs if proof}


@pytest.fixture
def stage(engine: AsyncEngine, tmp_path: Path) -> Iterator[Stage]:
    with a_stage(engine, tmp_path) as stage:
        yield stage


def test_whatever_happens_accounts_are_what_they_must_be(stage: Stage) -> None:
    class Machine(LifeMachine):
        def __init__(self) -> None:
            super().__init__(stage)

    run_state_machine_as_test(Machine, settings=BOUNDS)
