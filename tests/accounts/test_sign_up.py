"""Signing up: what an applicant waits for, in every order, and what never happens to whoever was turned away."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, select, update

from tests.accounts.mailbox import letters, newest
from tests.accounts.racing import somebody_waits
from tests.accounts.settings import decide, open_sign_up
from tests.accounts.world import PASSWORD, World, code
from tests.waiting import until
from tidings.accounts.audit.types import SERVER
from tidings.accounts.events import ApprovalHandled, ApprovalRequested
from tidings.accounts.mail_tokens.models import MailToken
from tidings.accounts.mail_tokens.tokens import UsedToken
from tidings.accounts.mail_tokens.types import MailPurpose
from tidings.accounts.models import User
from tidings.accounts.server_settings.models import ServerSettings
from tidings.accounts.sign_up.settling import SETTLED_AT_ONCE, is_anybody_kept, settle_some
from tidings.accounts.sign_up.signing_up import purge_unverified
from tidings.accounts.sign_up.verifying import verify_user_email
from tidings.accounts.types import AccountState, Currency
from tidings.accounts.users import locked_user
from tidings.kernel.ids import new_id

AUTH = "/api/v1/auth"
USERS = "/api/v1/users"
LINUS = {"name": "Linus", "username": "Linus", "email": "Linus@Example.org", "password": PASSWORD}
ACCEPTED = (202, {"status": "accepted"})


async def sign_up(world: World, **changes: Any) -> httpx.Response:
    async with world.client() as stranger:
        return await stranger.post(f"{AUTH}/sign-up", json=LINUS | changes)


async def verify(world: World, token: str) -> httpx.Response:
    async with world.client() as stranger:
        return await stranger.post(f"{AUTH}/verify-email", json={"token": token})


async def linus(world: World) -> User:
    async with world.database.read() as session:
        return (await session.scalars(select(User).where(User.username == "linus"))).one()


async def sign_in(world: World, login: str = "linus") -> httpx.Response:
    async with world.client() as theirs:
        return await theirs.post(f"{AUTH}/login", json={"login": login, "password": PASSWORD})


async def told(world: World) -> list[str]:
    """Who was told that they can sign in now."""
    return [letter.to for letter in await letters(world, "approved")]


async def as_admin(world: World, grace: User, what: str) -> httpx.Response:
    async with await world.browser_of(grace) as browser:
        return await browser.post(f"{USERS}/{(await linus(world)).id}/{what}")


async def test_nobody_signs_up_where_it_is_off(world: World) -> None:
    assert code(await sign_up(world)) == (403, "sign_up_disabled")
    assert await letters(world) == []


async def test_nobody_signs_up_where_no_password_opens_anything(world: World) -> None:
    await open_sign_up(world)
    async with world.database.write() as session:
        await session.execute(update(ServerSettings).values(local_login_enabled=False))
    assert code(await sign_up(world)) == (403, "sign_up_disabled")
    assert await letters(world) == []


async def test_who_signs_up_again_before_they_verified_gets_another_link(world: World) -> None:
    await open_sign_up(world)
    await sign_up(world)
    answer = await sign_up(world, username="linus2", password="another horse, another staple")
    assert (answer.status_code, answer.json()) == ACCEPTED
    assert [letter.name for letter in await letters(world)] == ["verify_email"] * 2
    user = await linus(world)
    async with world.client() as theirs:
        await theirs.post(f"{AUTH}/verify-email", json={"token": (await newest(world, "verify_email")).token})
        signed_in = await theirs.post(f"{AUTH}/login", json={"login": user.email, "password": PASSWORD})
    assert signed_in.status_code == 200


async def test_a_stranger_signs_up_verifies_and_signs_in(world: World) -> None:
    await open_sign_up(world)
    answer = await sign_up(world, preferred_language="de", city="Helsinki", units="imperial")
    assert (answer.status_code, answer.json()) == ACCEPTED
    user = await linus(world)
    assert (user.state, user.email_verified, user.preferred_language, user.city) == (
        AccountState.REGISTERED,
        False,
        "de",
        "Helsinki",
    )
    assert code(await sign_in(world)) == (401, "invalid_credentials")
    letter = await newest(world, "verify_email")
    assert letter.to == "linus@example.org"
    assert (await verify(world, letter.token)).json() == {"state": "active"}
    assert (await sign_in(world)).status_code == 200


async def test_where_nothing_is_asked_an_account_is_active_at_once(world: World) -> None:
    await open_sign_up(world, verification=False)
    await sign_up(world)
    assert (await sign_in(world)).status_code == 200
    assert (await verify(world, (await newest(world, "verify_email")).token)).json() == {"state": "active"}
    assert (await linus(world)).email_verified


@pytest.mark.parametrize("order", [("approve", "verify"), ("verify", "approve")])
async def test_approval_and_verification_come_in_any_order(world: World, grace: User, order: tuple[str, str]) -> None:
    await open_sign_up(world, approval=True)
    await sign_up(world)
    token = (await newest(world, "verify_email")).token
    for step in order:
        assert (await linus(world)).state is AccountState.REGISTERED
        assert await told(world) == []  # a letter that promised it now would be wrong
        answer = await (verify(world, token) if step == "verify" else as_admin(world, grace, "approve"))
        assert answer.status_code == 200
    assert (await linus(world)).state is AccountState.ACTIVE
    assert await told(world) == ["linus@example.org"]


async def test_who_only_showed_an_address_saw_so_on_the_page(world: World) -> None:
    await open_sign_up(world)
    await sign_up(world)
    assert (await verify(world, (await newest(world, "verify_email")).token)).json() == {"state": "active"}
    assert await told(world) == []


async def test_who_verifies_an_address_that_was_not_waited_for_is_not_told_again(world: World, grace: User) -> None:
    await open_sign_up(world, approval=True, verification=False)
    await sign_up(world)
    await as_admin(world, grace, "approve")
    assert await told(world) == ["linus@example.org"]
    assert (await verify(world, (await newest(world, "verify_email")).token)).status_code == 200
    assert await told(world) == ["linus@example.org"]


async def test_who_comes_back_from_a_suspension_is_not_told_again(world: World, grace: User) -> None:
    await open_sign_up(world, approval=True, verification=False)
    await sign_up(world)
    for what in ("approve", "suspend", "reactivate"):
        assert (await as_admin(world, grace, what)).status_code == 200
    await decide(world, signup_require_email_verification=True)
    await decide(world, signup_require_email_verification=False)
    assert await told(world) == ["linus@example.org"]


async def test_who_is_approved_and_verified_at_one_moment_is_told_once(world: World, grace: User) -> None:
    await open_sign_up(world, approval=True)
    await sign_up(world)
    token = (await newest(world, "verify_email")).token
    answers = await asyncio.gather(verify(world, token), *(as_admin(world, grace, "approve") for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert (await linus(world)).state is AccountState.ACTIVE
    assert await told(world) == ["linus@example.org"]


async def test_an_approval_that_nobody_was_asked_for_and_that_lets_in_is_told(world: World, grace: User) -> None:
    await open_sign_up(world)
    await sign_up(world)
    assert (await as_admin(world, grace, "approve")).json()[
        "state"
    ] == "registered"  # the address is still theirs to show
    async with world.database.write() as session:  # who signed up while the settings changed was not seen by them
        await session.execute(update(ServerSettings).values(signup_require_email_verification=False))
    assert (await as_admin(world, grace, "approve")).json()["state"] == "active"
    assert await told(world) == ["linus@example.org"]


async def test_with_approval_on_and_verification_off_an_account_can_be_approved(world: World, grace: User) -> None:
    await open_sign_up(world, approval=True, verification=False)
    await sign_up(world)
    assert (await linus(world)).pending_admin_approval
    assert (await as_admin(world, grace, "approve")).json()["state"] == "active"


async def test_who_waits_for_an_address_that_is_no_longer_asked_for_is_let_in(world: World, grace: User) -> None:
    await open_sign_up(world, approval=True)
    await sign_up(world)
    await sign_up(world, username="mary", email="mary@example.org")
    await as_admin(world, grace, "approve")
    await decide(world, signup_require_email_verification=False)
    assert (await linus(world)).state is AccountState.ACTIVE
    async with world.database.read() as session:
        mary = (await session.scalars(select(User).where(User.username == "mary"))).one()
    assert mary.state is AccountState.REGISTERED  # nobody approved her
    assert await told(world) == ["linus@example.org"]


async def test_who_waited_for_an_address_alone_and_is_let_in_by_the_settings_gets_no_letter(world: World) -> None:
    await open_sign_up(world)
    await sign_up(world)
    await decide(world, signup_require_email_verification=False)
    assert (await linus(world)).state is AccountState.ACTIVE
    assert await told(world) == []


async def test_whoever_waits_can_be_approved_whatever_the_settings_became(world: World, grace: User) -> None:
    await open_sign_up(world, approval=True, verification=False)
    await sign_up(world)
    await decide(world, signup_enabled=False, signup_require_admin_approval=False)
    assert (await linus(world)).state is AccountState.REGISTERED
    assert (await as_admin(world, grace, "approve")).json()["state"] == "active"


async def test_administrators_are_asked_and_told_when_somebody_decided(world: World, grace: User) -> None:
    await open_sign_up(world, approval=True, verification=False)
    await sign_up(world)
    user = await linus(world)
    assert [event for event in world.heard if isinstance(event, ApprovalRequested)] == [
        ApprovalRequested(user.id, "Linus", "linus")
    ]
    await as_admin(world, grace, "approve")
    await as_admin(world, grace, "approve")
    assert [event for event in world.heard if isinstance(event, ApprovalHandled)] == [ApprovalHandled(user.id)]
    assert len(await letters(world, "approved")) == 1


async def test_a_rejected_sign_up_stays_rejected(world: World, grace: User) -> None:
    await open_sign_up(world, approval=True)
    await sign_up(world)
    token = (await newest(world, "verify_email")).token
    assert (await as_admin(world, grace, "reject")).json()["state"] == "rejected"
    assert (await newest(world, "rejected")).to == "linus@example.org"
    assert code(await verify(world, token)) == (400, "token_invalid")
    for what in ("approve", "reject", "reactivate", "suspend", "password-reset"):
        assert code(await as_admin(world, grace, what)) == (409, "invalid_transition")
    assert (await linus(world)).state is AccountState.REJECTED


async def test_a_link_never_brings_a_suspended_account_back(world: World, grace: User) -> None:
    await open_sign_up(world, verification=False)
    await sign_up(world)
    token = (await newest(world, "verify_email")).token
    async with world.database.read() as session:
        link = (await session.scalars(select(MailToken))).one()
    await as_admin(world, grace, "suspend")
    assert code(await verify(world, token)) == (400, "token_invalid")
    async with world.database.write() as session:  # and not even if it had been forgotten to kill the link
        session.add(MailToken(**{column.key: getattr(link, column.key) for column in MailToken.__mapper__.columns}))
    assert code(await verify(world, token)) == (400, "token_invalid")
    assert (await linus(world)).state is AccountState.SUSPENDED


async def test_approving_is_for_sign_ups_alone(world: World, ada: User, grace: User, guest: User) -> None:
    async with await world.browser_of(grace) as browser:
        for user in (ada, guest):
            for what in ("approve", "reject"):
                assert code(await browser.post(f"{USERS}/{user.id}/{what}")) == (409, "invalid_transition")
    async with await world.browser_of(ada) as browser:
        for what in ("approve", "reject"):
            assert code(await browser.post(f"{USERS}/{ada.id}/{what}")) == (403, "forbidden")


async def test_a_taken_user_name_is_refused(world: World, ada: User) -> None:
    await open_sign_up(world)
    answer = await sign_up(world, username="ADA")
    assert code(answer) == (422, "username_taken")
    assert answer.json()["errors"][0]["pointer"] == "/username"


@pytest.mark.parametrize("verification", [True, False])
async def test_a_name_tried_with_a_known_address_is_taken_as_with_an_unknown_one(
    world: World, ada: User, verification: bool
) -> None:
    await open_sign_up(world, verification=verification)
    for email, name in (("ada@example.org", "x1"), ("new@example.org", "x2")):
        assert (await sign_up(world, email=email, username=name)).status_code == 202
        for other in (email, "third@example.org"):
            assert code(await sign_up(world, email=other, username=name)) == (422, "username_taken")


async def test_of_sixteen_who_sign_up_with_one_name_and_a_known_address_one_is_accepted(
    world: World, ada: User
) -> None:
    await open_sign_up(world)
    answers = await asyncio.gather(*(sign_up(world, email="ada@example.org") for _ in range(16)))
    assert sorted(answer.status_code for answer in answers) == [202, *[422] * 15]


async def test_of_sixteen_who_sign_up_with_one_address_one_has_an_account(world: World) -> None:
    await open_sign_up(world)
    answers = await asyncio.gather(*(sign_up(world, username=f"l{n}") for n in range(16)))
    assert {answer.status_code for answer in answers} == {202}
    async with world.database.read() as session:
        assert len((await session.scalars(select(User))).all()) == 1
    assert len(await letters(world, "verify_email")) == 6  # a day's five, and the one of the hour


async def test_an_address_is_compared_in_one_form(world: World, ada: User) -> None:
    await open_sign_up(world)
    assert (await sign_up(world, email="ADA@EXAMPLE.ORG")).status_code == 202
    assert [letter.to for letter in await letters(world)] == ["ada@example.org"]


@pytest.mark.parametrize("extra", [{"state": "active"}, {"access_type": "admin"}, {"email_verified": True}])
async def test_what_an_applicant_may_not_say_is_refused(world: World, extra: dict[str, Any]) -> None:
    await open_sign_up(world)
    assert code(await sign_up(world, **extra)) == (422, "invalid_request")


async def test_another_link_replaces_the_first(world: World) -> None:
    await open_sign_up(world)
    await sign_up(world)
    async with world.client() as stranger:
        for email in ("linus@example.org", "nobody@example.org"):
            answer = await stranger.post(f"{AUTH}/verify-email/resend", json={"email": email})
            assert (answer.status_code, answer.json()) == ACCEPTED
    first, second = await letters(world)
    assert code(await verify(world, first.token)) == (400, "token_invalid")
    assert (await verify(world, second.token)).status_code == 200
    async with world.client() as stranger:
        await stranger.post(f"{AUTH}/verify-email/resend", json={"email": "linus@example.org"})
    assert len(await letters(world)) == 2  # nothing is left to verify


async def test_sign_ups_that_came_to_nothing_go_and_their_names_are_free(world: World, ada: User) -> None:
    await open_sign_up(world)
    await sign_up(world)
    await sign_up(world, username="held", email="ada@example.org")
    for days, gone in ((6, 0), (1, 1)):
        world.clock.advance(days=days)
        assert await purged(world) == gone
    assert (await sign_up(world)).status_code == 202
    assert (await sign_up(world, username="held", email="held@example.org")).status_code == 202
    assert await world.user(ada.id) is not None


async def purged(world: World) -> int:
    async with world.database.write() as session:
        return await purge_unverified(session, now=world.clock.now())


async def test_whoever_comes_with_their_link_while_the_old_are_removed_stays(world: World) -> None:
    """On PostgreSQL, where both can be at work: on SQLite one comes after the other."""
    await open_sign_up(world)
    await sign_up(world, username="mary", email="mary@example.org")
    await sign_up(world)
    token = (await newest(world, "verify_email")).token
    user = await linus(world)
    world.clock.advance(days=7)
    async with world.database.write() as session:
        used = UsedToken(user.id, MailPurpose.VERIFY_EMAIL, "linus@example.org", world.clock.now())
        await verify_user_email(session, used, keyring=world.keyring, by=SERVER, now=world.clock.now())
        if not world.database.is_sqlite:
            async with asyncio.timeout(10):
                assert await purged(world) == 1  # Mary alone, and nobody waited for Linus
    assert await purged(world) == world.database.is_sqlite
    assert (await linus(world)).state is AccountState.ACTIVE
    assert code(await verify(world, token)) == (400, "token_invalid")


async def test_whoever_comes_with_their_link_once_their_removal_has_begun_is_too_late(world: World) -> None:
    await open_sign_up(world)
    await sign_up(world)
    token = (await newest(world, "verify_email")).token
    world.clock.advance(hours=23)
    old = world.clock.now() - timedelta(days=8)
    async with world.database.write() as session:
        await session.execute(update(User).values(created_at=old))
    async with world.database.write() as session:
        assert await purge_unverified(session, now=world.clock.now()) == 1
        late = asyncio.create_task(verify(world, token))
        await until(lambda: somebody_waits(world.database))
    assert code(await late) == (400, "token_invalid")


async def test_who_was_never_asked_for_an_address_is_not_removed_for_it_later(world: World, grace: User) -> None:
    await open_sign_up(world, approval=True, verification=False)
    await sign_up(world)
    world.clock.advance(days=30)
    await decide(world, signup_require_email_verification=True)
    assert await purged(world) == 0
    assert (await as_admin(world, grace, "approve")).json()["state"] == "active"  # and waits for none now
    assert await told(world) == ["linus@example.org"]


async def test_what_no_longer_was_asked_for_stays_off_the_list_when_it_is_asked_for_again(
    world: World, grace: User
) -> None:
    await open_sign_up(world, approval=True)
    await sign_up(world)
    await decide(world, signup_require_email_verification=False)
    await decide(world, signup_require_email_verification=True)
    world.clock.advance(days=30)
    assert await purged(world) == 0
    assert (await as_admin(world, grace, "approve")).json()["state"] == "active"


async def test_who_was_turned_down_unverified_goes_whatever_was_asked_meanwhile(world: World, grace: User) -> None:
    await open_sign_up(world)
    await sign_up(world)
    await as_admin(world, grace, "reject")
    await decide(world, signup_require_email_verification=False)
    await decide(world, signup_require_email_verification=True)
    world.clock.advance(days=7)
    assert await purged(world) == 1


async def test_who_was_let_in_is_never_removed_as_somebody_who_waits(world: World) -> None:
    """Whatever becomes of their address, and even if their row said that they wait."""
    await open_sign_up(world)
    await sign_up(world)
    assert (await verify(world, (await newest(world, "verify_email")).token)).status_code == 200
    assert not (await linus(world)).must_verify_email
    async with world.database.write() as session:
        await session.execute(update(User).values(must_verify_email=True, email_verified=False))
    world.clock.advance(days=30)
    assert await purged(world) == 0


async def test_who_showed_their_address_and_waits_for_an_administrator_is_not_removed(world: World) -> None:
    await open_sign_up(world, approval=True)
    await sign_up(world)
    assert (await verify(world, (await newest(world, "verify_email")).token)).json() == {"state": "registered"}
    world.clock.advance(days=30)
    assert await purged(world) == 0


async def test_who_signed_up_while_verification_was_switched_off_is_let_in_and_not_removed(world: World) -> None:
    await open_sign_up(world)
    await sign_up(world)
    async with world.database.write() as session:  # they were not seen by whoever switched it off
        await session.execute(update(ServerSettings).values(signup_require_email_verification=False))
    world.clock.advance(days=30)
    assert await purged(world) == 0
    async with world.database.write() as session:
        assert await settle_some(session, keyring=world.keyring, by=SERVER, now=world.clock.now()) == 1
    assert (await linus(world)).state is AccountState.ACTIVE


async def test_somebody_a_host_knows_who_was_turned_down_is_asked_for_nothing(world: World, grace: User) -> None:
    await open_sign_up(world)
    await sign_up(world)
    user = await linus(world)
    async with world.database.write() as session:
        await session.execute(update(User).values(external_id="linus-1").where(User.id == user.id))
    assert (await as_admin(world, grace, "reject")).json()["state"] == "recipient"
    found = await world.user(user.id)
    assert found is not None
    assert not found.must_verify_email


async def test_many_who_need_no_address_any_more_are_let_in_a_slice_at_a_time(world: World) -> None:
    """The first with the change of the settings, and nobody twice."""
    await open_sign_up(world)
    await sign_up(world)
    async with world.database.write() as session:
        like = (await session.scalars(select(User))).one()
        columns = {column.key: getattr(like, column.key) for column in User.__mapper__.column_attrs}
        copies = [
            columns | {"id": new_id(), "username": f"m{number}", "email": f"m{number}@example.org"}
            for number in range(SETTLED_AT_ONCE + 1)
        ]
        await session.execute(insert(User), copies)
    await decide(world, signup_require_email_verification=False)
    slices: list[int] = []
    while not slices or slices[-1]:
        async with world.database.read() as session:
            kept = await is_anybody_kept(session)
        async with world.database.write() as session:
            slices.append(await settle_some(session, keyring=world.keyring, by=SERVER, now=world.clock.now()))
        assert kept == bool(slices[-1])
    assert slices == [2, 0]
    async with world.database.read() as session:
        assert set(await session.scalars(select(User.state))) == {AccountState.ACTIVE}


async def test_a_change_of_the_settings_does_not_wait_for_whoever_acts_on_a_sign_up(world: World) -> None:
    """On PostgreSQL, where somebody can; who was passed by is let in later."""
    await open_sign_up(world)
    await sign_up(world)
    user = await linus(world)
    async with world.database.write() as session:
        await locked_user(session, user.id)
        if not world.database.is_sqlite:
            async with asyncio.timeout(10):
                await decide(world, signup_require_email_verification=False)
    await decide(world, signup_require_email_verification=False)
    assert (await linus(world)).state is AccountState.ACTIVE


async def test_settings_that_still_ask_let_nobody_in(world: World) -> None:
    await open_sign_up(world)
    await sign_up(world)
    await decide(world, currency=Currency.POUND)
    async with world.database.write() as session:
        assert await settle_some(session, keyring=world.keyring, by=SERVER, now=world.clock.now()) == 0
    assert (await linus(world)).state is AccountState.REGISTERED


async def test_where_no_address_is_asked_for_nobody_is_removed_for_it(world: World, grace: User) -> None:
    await open_sign_up(world, approval=True, verification=False)
    await sign_up(world)
    world.clock.advance(days=30)
    assert await purged(world) == 0
    assert (await linus(world)).state is AccountState.REGISTERED
