"""Row 36: a key with every right makes nobody who has more; whatever else such a key may do, it still may."""

import httpx
import pytest
from sqlalchemy import func, select

from tests.security.whole.grants import GRANTS, granted
from tests.world import Person, World
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.types import SERVER, AuditAction
from tidings.accounts.keys import create_key
from tidings.accounts.models import User
from tidings.accounts.types import AccessType, Scope

SCOPES = [(Scope.ADMIN,), (Scope.USERS_WRITE,), tuple(Scope)]


async def key_of(world: World, owner: Person | None, *scopes: Scope) -> httpx.AsyncClient:
    now = world.clock.now()
    async with world.tidings.database.write() as session:
        owner_id = owner.id if owner is not None else None
        _, key = await create_key(
            session, owner_id=owner_id, name="key", scopes=scopes, expires_at=None, by=SERVER, now=now
        )
    return world.client(headers={"Authorization": f"Bearer {key}"})


async def admins(world: World) -> int:
    async with world.tidings.database.read() as session:
        found = await session.scalar(select(func.count()).where(User.access_type == AccessType.ADMIN))
    return found or 0


@pytest.mark.parametrize("scopes", SCOPES)
@pytest.mark.parametrize("is_hers", [True, False])
async def test_row_36_no_key_makes_an_administrator(
    world: World, grace: Person, ada: Person, scopes: tuple[Scope, ...], is_hers: bool
) -> None:
    server = await key_of(world, grace if is_hers else None, *scopes)
    for route in GRANTS:
        answer, _ = await granted(server, route, ada, AccessType.ADMIN)
        may_ask = Scope.ADMIN in scopes or route == "POST /users"
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden" if may_ask else "insufficient_scope")
    assert await admins(world) == 1


@pytest.mark.parametrize("is_hers", [True, False])
@pytest.mark.parametrize("rights", [AccessType.REGULAR, None])
@pytest.mark.parametrize("route", GRANTS)
async def test_row_36_a_key_makes_changes_and_invites_everybody_else(
    world: World, grace: Person, ada: Person, route: str, rights: AccessType | None, is_hers: bool
) -> None:
    server = await key_of(world, grace if is_hers else None, Scope.ADMIN)
    answer, _ = await granted(server, route, ada, rights)
    assert answer.is_success


async def test_row_36_a_key_still_takes_rights_away(world: World, grace: Person) -> None:
    other = await world.make_person("other", admin=True)
    server = await key_of(world, grace, Scope.ADMIN)
    answer, _ = await granted(server, "PATCH /users/{user_id}", other, AccessType.REGULAR)
    assert answer.json()["access_type"] == "regular"


async def test_row_36_the_attempt_is_on_record(world: World, grace: Person, ada: Person) -> None:
    server = await key_of(world, grace, Scope.ADMIN)
    await granted(server, "PATCH /users/{user_id}", ada, AccessType.ADMIN)
    async with world.tidings.database.read() as session:
        denied = select(AuditEntry.detail).where(AuditEntry.action == AuditAction.ACCESS_DENIED)
        assert (await session.scalars(denied)).all() == [
            {"code": "forbidden", "route": "PATCH /api/v1/users/{user_id}"}
        ]
