"""Whatever opens an account: its owner reads of every change of it, once in the inbox and once by mail."""

from collections.abc import Awaitable, Callable, Mapping
from typing import get_args
from uuid import UUID

import httpx
import pyotp
import pytest
from sqlalchemy import select, update

from tests.accounts.authenticator import Authenticator
from tests.accounts.mailbox import letters, newest
from tests.accounts.world import HASH
from tests.main.test_account_news import club
from tests.world import BASE_URL, Person, World
from tidings.accounts.audit.types import SERVER
from tidings.accounts.change_letters import TOLD_WHERE_THEY_ARE_MADE
from tidings.accounts.events import CredentialKind
from tidings.accounts.identities.linking import link_identity, unlink_identity
from tidings.accounts.keys import create_key
from tidings.accounts.mfa.changing import remove_all_factors
from tidings.accounts.models import User
from tidings.accounts.types import Scope
from tidings.notifications.models import Event, Notification
from tidings.outbox.models import Delivery
from tidings.templates.phrases import phrase

Act = Callable[[World, Person], Awaitable[object]]


def done(answer: httpx.Response) -> httpx.Response:
    assert answer.is_success, answer.text
    return answer


async def has_password(world: World, person: Person) -> None:
    async with world.tidings.database.write() as session:
        await session.execute(update(User).where(User.id == person.id).values(password_hash=HASH))


async def uses_app(_world: World, person: Person) -> None:
    secret = done(await person.client.post("/users/me/mfa/totp")).json()["secret"]
    code = pyotp.TOTP(secret).at(person.world.clock.now())
    done(await person.client.post("/users/me/mfa/totp/confirm", json={"code": code}))


async def drops_app(_world: World, person: Person) -> None:
    done(await person.client.delete("/users/me/mfa/totp"))


async def adds_passkey(_world: World, person: Person) -> None:
    options = done(await person.client.post("/users/me/passkeys/options")).json()["public_key"]
    made = {"name": "Phone", "credential": Authenticator(origin=BASE_URL).create(options)}
    done(await person.client.post("/users/me/passkeys", json=made))


async def drops_passkey(_world: World, person: Person) -> None:
    first, *_ = done(await person.client.get("/users/me/passkeys")).json()["passkeys"]
    done(await person.client.delete(f"/users/me/passkeys/{first['id']}"))


async def makes_codes(_world: World, person: Person) -> None:
    done(await person.client.post("/users/me/mfa/recovery-codes"))


async def makes_key(_world: World, person: Person) -> None:
    done(await person.client.post("/api-keys", json={"name": "mine", "scopes": ["notifications:read"]}))


async def loses_factors(world: World, person: Person) -> None:
    async with world.tidings.database.write() as session:
        await remove_all_factors(session, person.id, keyring=world.tidings.keyring, by=SERVER, now=world.clock.now())


async def links_club(world: World, person: Person) -> None:
    provider, proven = await club(world)
    async with world.tidings.database.write() as session:
        await link_identity(session, person.id, proven, provider, by=SERVER, now=world.clock.now())


async def unlinks_club(world: World, person: Person) -> None:
    found = done(await person.client.get("/users/me/identities")).json()["identities"]
    async with world.tidings.database.write() as session:
        await unlink_identity(session, person.id, UUID(found[0]["id"]), by=SERVER, now=world.clock.now())


async def asks_for_password(world: World, _person: Person) -> None:
    done(await world.client().post("/auth/password-reset/request", json={"email": "ada@example.org"}))


async def resets_password(world: World, _person: Person) -> None:
    token = (await newest(world.tidings, "password_reset")).token
    reset = {"token": token, "new_password": "another horse, another staple"}
    done(await world.client().post("/auth/password-reset/confirm", json=reset))


async def asks_for_address(_world: World, person: Person) -> None:
    done(await person.client.put("/users/me/email", json={"email": "ada@new.example"}))


async def confirms_address(world: World, _person: Person) -> None:
    token = (await newest(world.tidings, "confirm_email")).token
    done(await world.client().post("/auth/verify-email", json={"token": token}))


CHANGES: Mapping[str, tuple[CredentialKind, str, tuple[Act, ...], Act]] = {
    "the first app": ("totp_added", "mfa_on", (), uses_app),
    "an app beside a passkey": ("totp_added", "sign_in_changed", (adds_passkey,), uses_app),
    "the last factor, an app": ("totp_removed", "mfa_off", (uses_app,), drops_app),
    "an app, and a passkey stays": ("totp_removed", "sign_in_changed", (adds_passkey, uses_app), drops_app),
    "the first passkey": ("passkey_added", "mfa_on", (), adds_passkey),
    "a second passkey": ("passkey_added", "sign_in_changed", (adds_passkey,), adds_passkey),
    "the last factor, a passkey": ("passkey_removed", "mfa_off", (has_password, adds_passkey), drops_passkey),
    "one passkey of two": ("passkey_removed", "sign_in_changed", (adds_passkey, adds_passkey), drops_passkey),
    "recovery codes": ("recovery_codes_made", "sign_in_changed", (adds_passkey,), makes_codes),
    "every factor, by another": ("factors_removed", "mfa_off", (adds_passkey, uses_app), loses_factors),
    "an API key": ("api_key_made", "sign_in_changed", (), makes_key),
    "a linked provider": ("identity", "sign_in_changed", (), links_club),
    "a provider no longer linked": ("identity", "sign_in_changed", (links_club,), unlinks_club),
    "a new password": ("password", "password_changed", (asks_for_password,), resets_password),
    "a new address": ("email", "email_changed", (asks_for_address,), confirms_address),
}


def test_no_change_is_forgotten_here() -> None:
    assert {what for what, *_ in CHANGES.values()} == set(get_args(CredentialKind))


@pytest.mark.parametrize(("what", "letter", "before", "act"), CHANGES.values(), ids=CHANGES)
async def test_a_change_is_told_once_in_the_inbox_and_once_by_mail(
    world: World, ada: Person, what: CredentialKind, letter: str, before: tuple[Act, ...], act: Act
) -> None:
    for each in before:
        await each(world, ada)
    known_mails, known_entries = await mailed(world), await entries(world, ada)
    await act(world, ada)
    [mail] = (await mailed(world))[len(known_mails) :]
    assert (mail.kind, mail.payload.get("letter"), mail.destination) == ("account", letter, "ada@example.org")
    [entry] = (await entries(world, ada))[len(known_entries) :]
    assert entry.data == {"change": what}
    assert entry.action_url == f"{BASE_URL}/security"
    if what not in TOLD_WHERE_THEY_ARE_MADE:
        said = await newest(world.tidings, letter)
        assert phrase(f"letter.change.{what}", "us", {}) == entry.message
        assert entry.message in said.text
        assert "/security" in said.text


async def test_who_has_the_session_cannot_keep_the_mail_back(world: World, ada: Person) -> None:
    """The mail of a notification is not sent once its entry is read or gone: letters ask nothing of the inbox."""
    await adds_passkey(world, ada)
    await adds_passkey(world, ada)
    for entry in await entries(world, ada):
        await ada.does("read", str(entry.id))
        assert (await ada.client.delete(f"/notifications/{entry.id}")).is_success
    assert [each.name for each in await letters(world.tidings)] == ["mfa_on", "sign_in_changed"]


async def test_taking_factors_from_who_has_none_is_no_change(world: World, ada: Person) -> None:
    await loses_factors(world, ada)
    assert await mailed(world) == []
    assert await entries(world, ada) == []


async def test_a_key_of_the_server_itself_is_told_to_nobody(world: World, grace: Person) -> None:
    async with world.tidings.database.write() as session:
        await create_key(
            session,
            owner_id=None,
            name="shop",
            scopes=[Scope.ADMIN],
            expires_at=None,
            by=SERVER,
            now=world.clock.now(),
        )
    assert await mailed(world) == []
    async with world.tidings.database.read() as session:
        assert (await session.scalars(select(Event))).all() == []


async def mailed(world: World) -> list[Delivery]:
    """Everything that is to leave the house, oldest first."""
    async with world.tidings.database.read() as session:
        return list(await session.scalars(select(Delivery).order_by(Delivery.id)))


async def entries(world: World, person: Person) -> list[Notification]:
    """What stands in somebody's inbox, oldest first."""
    hers = select(Notification).where(Notification.user_id == person.id).order_by(Notification.revision)
    async with world.tidings.database.read() as session:
        return list(await session.scalars(hers))
