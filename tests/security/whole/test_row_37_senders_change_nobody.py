"""Row 37: whoever may send names people as they like, and nobody who signs in here is any different afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.security.whole.secrets import plant
from tests.world import App, Person, World
from tidings.accounts.identities.models import Identity
from tidings.accounts.mfa.models import Passkey, Totp
from tidings.accounts.models import ApiKey, User, UserSession
from tidings.accounts.privacy.models import Privacy
from tidings.accounts.recipients import NewRecipient
from tidings.accounts.types import AccountState, Scope
from tidings.notifications.audience import Audience, admit_strangers

ACCOUNTS: dict[str, dict[str, object]] = {
    "password": {"password_hash": "$argon2id$planted"},
    "nothing": {},
    **{state.value: {"state": state} for state in AccountState if state is not AccountState.RECIPIENT},
}
"""People who sign in here, or will: apart from Ada, who has every kind of credential."""
OF_ACCOUNTS = (User, Privacy, Identity, Passkey, Totp, ApiKey, UserSession)
KEYS = ((Scope.NOTIFICATIONS_SEND,), (Scope.NOTIFICATIONS_SEND, Scope.USERS_WRITE))


@dataclass(frozen=True, slots=True)
class House:
    """People with accounts, and two apps: one may only send, the other also writes users."""

    world: World
    people: Mapping[str, UUID]
    apps: tuple[App, ...]

    async def accounts(self) -> dict[str, list[str]]:
        """Everything that is kept of these people's accounts."""
        ids = set(self.people.values())
        async with self.world.tidings.database.read() as session:
            return {
                model.__tablename__: sorted(
                    repr(tuple(row))
                    for row in await session.execute(select(model.__table__))
                    if any(value in ids for value in row if isinstance(value, UUID))
                )
                for model in OF_ACCOUNTS
            }


@pytest.fixture
async def house(world: World, ada: Person, grace: Person) -> House:
    await plant(world, ada.id)
    people = {"ada": ada.id, "grace": grace.id}
    for name, columns in ACCOUNTS.items():
        person = await world.make_person(name)
        async with world.tidings.database.write() as session:
            user = await session.get_one(User, person.id)
            for column, value in columns.items():
                setattr(user, column, value)
        people[name] = person.id
    return House(world, people, tuple([await world.make_app(*scopes) for scopes in KEYS]))


NAMES = ["ada", "grace", *ACCOUNTS, "stranger", "other"]
CASES = st.sampled_from((str, str.upper, str.title, lambda text: f" {text}", lambda text: f"{text}\u200b"))
EMAILS = st.none() | st.builds(lambda name, case: case(f"{name}@example.org"), st.sampled_from(NAMES), CASES)
CALLED = st.none() | st.sampled_from([name.capitalize() for name in NAMES]) | st.text(min_size=1, max_size=5)


@st.composite
def somebody(draw: st.DrawFn) -> dict[str, Any]:
    """Somebody as a sender may name them: how they are found, and what is said of them."""
    said = {"email": draw(EMAILS), "name": draw(CALLED)}
    return {
        "who": draw(st.sampled_from(NAMES)),
        "by_id": draw(st.booleans()),
        "case": draw(CASES),
        "said": {field: value for field, value in said.items() if value is not None},
    }


def named(house: House, each: Mapping[str, Any]) -> dict[str, Any]:
    found = house.people.get(each["who"]) if each["by_id"] else None
    return {"id": each["case"](str(found or each["who"])), **each["said"]}


RENAMED = {"who": "ada", "by_id": False, "case": str, "said": {"name": "Mallory"}}
MOVED = {"who": "invited", "by_id": True, "case": str.upper, "said": {"email": "mallory@example.org"}}
TAKEN = {"who": "stranger", "by_id": False, "case": str, "said": {"email": "ADA@example.org"}}
KNOWN = {"who": "ada", "by_id": False, "case": str, "said": {"name": "Ada", "email": "ada@example.org"}}


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(somebody(), min_size=1, max_size=3), st.sampled_from((0, 1)), st.booleans(), st.booleans())
@example([RENAMED], 1, False, False)
@example([RENAMED], 1, True, True)
@example([MOVED], 1, False, False)
@example([TAKEN], 1, True, False)
@example([KNOWN, RENAMED], 1, False, False)
async def test_row_37_whoever_is_named_in_whatever_way_keeps_their_account(
    house: House, to: list[dict[str, Any]], app: int, create_missing: bool, later: bool
) -> None:
    before = await house.accounts()
    send_at = {"send_at": "2100-01-01T00:00:00Z"} if later else {}
    event = {"type": "system", "title": "Hello", "create_missing": create_missing, **send_at}
    client = house.apps[app].client
    for path in ("/notifications/preview", "/notifications"):
        answer = await client.post(path, json={"to": [named(house, each) for each in to], **event})
        assert answer.status_code in {200, 201, 202, 403, 422}, answer.text
    assert await house.accounts() == before


@pytest.mark.parametrize("name", ["ada", "grace", *ACCOUNTS])
async def test_row_37_whoever_has_a_credential_is_refused_as_an_account(house: House, name: str) -> None:
    before = await house.accounts()
    for app in house.apps:
        for said in ({"name": "Mallory"}, {"email": "mallory@example.org"}):
            for known_as in (name, str(house.people[name])):
                answer = await app.client.post(
                    "/notifications", json={"to": [{"id": known_as, **said}], "type": "system", "title": "Hello"}
                )
                assert (answer.status_code, answer.json()["code"]) == (422, "recipient_is_account")
    assert await house.accounts() == before


async def test_row_37_whom_only_the_host_knows_is_changed_by_who_may_write_users_alone(house: House) -> None:
    """What the tests above show of accounts is not so because nothing is ever changed."""
    sender, writer = (app.client for app in house.apps)
    event = {"type": "system", "title": "Hello"}
    assert (await sender.post("/notifications", json={"to": [{"id": "guest", "name": "G"}], **event})).is_success
    for client, status, name in ((sender, 403, "G"), (writer, 201, "Renamed")):
        answer = await client.post("/notifications", json={"to": [{"id": "guest", "name": "Renamed"}], **event})
        assert answer.status_code == status
        async with house.world.tidings.database.read() as session:
            assert await session.scalar(select(User.name).where(User.external_id == "guest")) == name


async def test_row_37_who_got_an_account_after_being_looked_up_is_not_written_over(house: House) -> None:
    before = await house.accounts()
    found = [NewRecipient(name, "mallory@example.org", "Mallory") for name in house.people]
    for person in found:
        async with house.world.tidings.database.write() as session:
            audience = Audience(recipients=(), actor=None, changes=(person,))
            await admit_strangers(session, audience, now=house.world.clock.now())
    assert await house.accounts() == before
