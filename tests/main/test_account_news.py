"""What accounts has to tell reaches people: administrators hear of sign-ups, everybody of changes to their sign-in."""

from typing import Any

import pyotp
from sqlalchemy import event as events
from sqlalchemy import select

from tests.accounts.mailbox import newest
from tests.world import Person, World
from tidings import Tidings
from tidings.accounts.audit.types import SERVER
from tidings.accounts.governing import govern
from tidings.accounts.identities.linking import link_identity, unlink_identity
from tidings.accounts.identities.signing_in import admit_identity
from tidings.accounts.identity_providers.changing import create_provider
from tidings.accounts.identity_providers.models import IdentityProvider
from tidings.accounts.identity_providers.types import ProvenIdentity
from tidings.accounts.models import User
from tidings.accounts.sessions import Device, start_browser_session, start_token_session
from tidings.accounts.tokens import issue_tokens
from tidings.accounts.types import AccessType, AccountState
from tidings.accounts.users import create_user
from tidings.kernel.db import Base
from tidings.notifications.models import Event, Notification
from tidings.outbox.models import Delivery
from tidings.outbox.types import DeliveryState

LINUS = {
    "name": "Linus",
    "username": "linus",
    "email": "linus@example.org",
    "password": "correct horse battery staple",
}


async def open_sign_up(world: World) -> None:
    settings = {
        "sso_enabled": False,
        "sso_auto_redirect": False,
        "signup_enabled": True,
        "signup_require_admin_approval": True,
        "signup_require_email_verification": True,
    }
    async with world.tidings.database.write() as session:
        await govern(session, settings, keyring=world.tidings.keyring, by=SERVER, now=world.clock.now())


async def linus(world: World) -> User:
    await open_sign_up(world)
    assert (await world.client().post("/auth/sign-up", json=LINUS)).status_code == 202
    async with world.tidings.database.read() as session:
        return (await session.scalars(select(User).where(User.username == "linus"))).one()


async def entries(person: Person, **filters: Any) -> list[dict[str, Any]]:
    found = (await person.client.get("/notifications", params=filters)).json()["notifications"]
    return [entry for entry in found if entry["type"] != "system"]


async def test_every_administrator_hears_of_a_sign_up_in_one_event(world: World, ada: Person, grace: Person) -> None:
    other = await world.make_person("barbara", admin=True)
    user = await linus(world)
    for admin in (grace, other):
        [entry] = await entries(admin)
        assert (entry["type_code"], entry["data"]) == (
            101,
            {"user_id": str(user.id), "user_name": "Linus", "user_username": "linus"},
        )
        assert await admin.counts() == (1, 1, 1)
    assert await entries(ada) == []
    async with world.tidings.database.read() as session:
        assert len((await session.scalars(select(Event))).all()) == 1


async def test_when_one_decides_the_others_need_not(world: World, grace: Person) -> None:
    other = await world.make_person("barbara", admin=True)
    user = await linus(world)
    assert (await grace.client.post(f"/users/{user.id}/approve")).status_code == 200
    for admin in (grace, other):
        assert await entries(admin) == []
        assert await admin.counts() == (0, 0, 0)
        [entry] = await entries(admin, include_dismissed=True)
        assert entry["is_dismissed"]
    async with world.tidings.database.read() as session:
        mails = list(await session.scalars(select(Delivery).where(Delivery.event_id.is_not(None))))
    assert {mail.state for mail in mails} == {DeliveryState.CANCELLED}
    assert len(mails) == 2


async def test_who_is_no_administrator_any_more_need_not_either(world: World, grace: Person) -> None:
    former = await world.make_person("barbara", admin=True)
    user = await linus(world)
    assert (await grace.client.patch(f"/users/{former.id}", json={"access_type": "regular"})).is_success
    assert (await grace.client.post(f"/users/{user.id}/approve")).status_code == 200
    async with world.tidings.database.read() as session:
        theirs = (await session.scalars(select(Notification).where(Notification.user_id == former.id))).one()
    assert theirs.dismissed_at == world.clock.now()


async def test_none_of_very_many_administrators_need_either(world: World, grace: Person) -> None:
    """An event names the first hundred of those it was for."""
    async with world.tidings.database.write() as session:
        for number in range(100):
            await create_user(
                session,
                username=f"admin{number}",
                email=f"admin{number}@example.org",
                name=None,
                password_hash=None,
                access_type=AccessType.ADMIN,
                state=AccountState.ACTIVE,
                by=SERVER,
                now=world.clock.now(),
            )
    user = await linus(world)
    assert (await grace.client.post(f"/users/{user.id}/approve")).status_code == 200
    async with world.tidings.database.read() as session:
        entries = (await session.scalars(select(Notification))).all()
    assert [entry.dismissed_at for entry in entries] == [world.clock.now()] * 101


async def test_a_sign_up_that_is_removed_needs_nobody_either(world: World, grace: Person) -> None:
    user = await linus(world)
    assert (await grace.client.delete(f"/users/{user.id}")).status_code == 204
    assert await grace.counts() == (0, 0, 0)


async def test_a_change_of_the_sign_in_stands_in_the_inbox_and_is_mailed_once(world: World, ada: Person) -> None:
    stranger = world.client()
    await stranger.post("/auth/password-reset/request", json={"email": "ada@example.org"})
    token = (await newest(world.tidings, "password_reset")).token
    reset = {"token": token, "new_password": "another horse, another staple"}
    assert (await stranger.post("/auth/password-reset/confirm", json=reset)).status_code == 200
    cookie = await sign_in(world, ada)
    found = (await world.client(cookies=cookie).get("/notifications")).json()["notifications"]
    assert [(entry["type_code"], entry["data"]) for entry in found] == [(111, {"change": "password"})]
    async with world.tidings.database.read() as session:
        mails = list(await session.scalars(select(Delivery)))
    assert [mail.kind for mail in mails] == ["account", "account"]  # the link, and the letter that it was used


async def sign_in(world: World, person: Person) -> dict[str, str]:
    async with world.tidings.database.write() as session:
        token = await start_browser_session(session, person.id, device=Device(), now=world.clock.now())
    return {"tidings": token}


async def test_of_a_user_who_is_deleted_no_row_is_left_in_any_table(world: World, ada: Person, grace: Person) -> None:
    await fills(world, ada)
    filled = {name for name, count in (await rows_of(world.tidings, ada)).items() if count}
    assert {
        "tidings_sessions",
        "tidings_api_keys",
        "tidings_mail_tokens",
        "tidings_deliveries",
        "tidings_inboxes",
        "tidings_notifications",
        "tidings_privacy",
        "tidings_tickets",
        "tidings_token_pairs",
    } <= filled
    assert (await grace.client.delete(f"/users/{ada.id}")).status_code == 204
    assert {name: count for name, count in (await rows_of(world.tidings, ada)).items() if count} == {}


async def test_deleting_a_user_takes_as_many_statements_whatever_they_have(
    world: World, ada: Person, grace: Person
) -> None:
    other = await world.make_person("barbara")
    for _ in range(20):
        await fills(world, other)
    assert len(await statements(world, grace, ada)) == len(await statements(world, grace, other))


async def fills(world: World, person: Person) -> None:
    """Let a person have something of many kinds."""
    await person.receives("message", title="News")
    key = await person.client.post("/api-keys", json={"name": "mine", "scopes": ["notifications:read"]})
    assert key.status_code == 201, key.text
    await person.client.post("/notifications/ws/ticket")
    await person.client.put("/users/me/email", json={"email": f"{person.name}@new.example"})
    await world.client().post("/auth/password-reset/request", json={"email": f"{person.name}@example.org"})
    async with world.tidings.database.write() as session:
        now = world.clock.now()
        await issue_tokens(session, await start_token_session(session, person.id, device=Device(), now=now), now=now)


async def rows_of(tidings: Tidings, person: Person) -> dict[str, int]:
    """How many rows of each table name this person as theirs: by `user_id`, or by whatever points at users."""
    counts: dict[str, int] = {}
    async with tidings.database.read() as session:
        for table in Base.metadata.sorted_tables:
            points = {key.parent for key in table.foreign_keys if key.column.table is User.__table__}
            owners = points | {column for column in table.columns if column.name in {"user_id", "owner_user_id"}}
            for column in owners:
                found = await session.execute(select(column).where(column == person.id))
                counts[table.name] = counts.get(table.name, 0) + len(found.all())
    return counts


async def statements(world: World, admin: Person, person: Person) -> list[str]:
    """What is asked of the database while an administrator removes this person."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:  # Any: of the driver
        asked.append(statement)

    engine = world.tidings.database.engine.sync_engine
    events.listen(engine, "before_cursor_execute", note)
    try:
        assert (await admin.client.delete(f"/users/{person.id}")).status_code == 204
    finally:
        events.remove(engine, "before_cursor_execute", note)
    return asked


async def test_a_linked_provider_is_told_in_the_inbox_and_by_mail(world: World, ada: Person) -> None:
    provider, proven = await club(world)
    async with world.tidings.database.write() as session:
        linked = await link_identity(session, ada.id, proven, provider, by=SERVER, now=world.clock.now())
        again = await link_identity(session, ada.id, proven, provider, by=SERVER, now=world.clock.now())
    assert again.id == linked.id
    assert await told(ada) == ["Your sign-in with a provider was changed."]
    async with world.tidings.database.write() as session:
        await unlink_identity(session, ada.id, linked.id, by=SERVER, now=world.clock.now())
    cookie = await sign_in(world, ada)
    found = (await world.client(cookies=cookie).get("/notifications")).json()["notifications"]
    assert [entry["message"] for entry in found] == ["Your sign-in with a provider was changed."] * 2
    async with world.tidings.database.read() as session:
        mails = list(await session.scalars(select(Delivery)))
    assert [(mail.kind, mail.payload["letter"]) for mail in mails] == [("account", "sign_in_changed")] * 2


async def test_whose_account_a_provider_makes_is_told_of_no_change(world: World) -> None:
    provider, proven = await club(world)
    await open_sign_up(world)
    async with world.tidings.database.write() as session:
        values = {"sso_enabled": True, "sso_auto_redirect": False, "signup_require_admin_approval": False}
        await govern(session, values, keyring=world.tidings.keyring, by=SERVER, now=world.clock.now())
        found = await session.get_one(IdentityProvider, provider.id)
        newcomer = await admit_identity(session, proven, found, by=SERVER, now=world.clock.now())
    assert newcomer.username == "linus"
    async with world.tidings.database.read() as session:
        assert (await session.scalars(select(Delivery))).all() == []
        assert (await session.scalars(select(Event))).all() == []


async def test_setting_up_a_second_factor_and_its_codes_is_a_letter_each(world: World, ada: Person) -> None:
    secret = (await ada.client.post("/users/me/mfa/totp")).json()["secret"]
    body = {"code": pyotp.TOTP(secret).at(world.clock.now())}
    assert (await ada.client.post("/users/me/mfa/totp/confirm", json=body)).status_code == 200
    assert (await ada.client.post("/users/me/mfa/recovery-codes")).status_code == 200
    async with world.tidings.database.read() as session:
        mails = list(await session.scalars(select(Delivery)))
    letters = [(mail.kind, mail.payload["letter"]) for mail in mails]
    assert letters == [("account", "mfa_on"), ("account", "sign_in_changed")]
    assert set(await told(ada)) == {"An authenticator app was added.", "New recovery codes were made."}


async def told(person: Person) -> list[str]:
    return [entry["message"] for entry in await entries(person)]


async def club(world: World) -> tuple[IdentityProvider, ProvenIdentity]:
    """A provider, and somebody it knows."""
    rules = {"enabled": True, "auto_create": True, "trust_email": False, "sync_profile": False, "position": 0}
    names = {"slug": "club", "name": "The Club", "template": None, "issuer": "https://club.example"}
    values = {**names, **rules, "client_id": "tidings", "scopes": ["openid"]}
    keyring, now = world.tidings.keyring, world.clock.now()
    async with world.tidings.database.write() as session:
        provider = await create_provider(session, values, client_secret=None, keyring=keyring, by=SERVER, now=now)
    email = "linus@example.org"
    proven = ProvenIdentity(
        issuer="https://club.example", subject="1", email=email, email_verified=True, username="linus"
    )
    return provider, proven
