"""Who calls, each time anew, with something of their own wherever a path may name it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from uuid import uuid4

import httpx
from sqlalchemy import select, update

from tests.accounts.pictures import picture
from tests.accounts.world import HASH
from tests.console.office import DEAD, keep_mail, put_delivery
from tests.devices import cookie_of
from tests.world import BASE_URL, Person, World
from tidings.accounts.audit.types import SERVER
from tidings.accounts.identities.models import Identity
from tidings.accounts.identity_providers.models import IdentityProvider
from tidings.accounts.keys import create_key
from tidings.accounts.mfa.models import Passkey
from tidings.accounts.models import User, UserSession
from tidings.accounts.photos.keeping import put_photo
from tidings.accounts.photos.rendering import render_photo
from tidings.accounts.signing_secrets import create_signing_secret
from tidings.accounts.types import AccountState, Scope
from tidings.kernel.db import Base
from tidings.kernel.ids import new_id
from tidings.notifications.unsubscribing import Unsubscription, make_token

Row = TypeVar("Row", bound=Base)
CLIENT_SECRET = "what every club knows us by"
_STATES = {
    "approve": AccountState.REGISTERED,
    "reject": AccountState.REGISTERED,
    "reactivate": AccountState.SUSPENDED,
}


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody at one route: what they present, and what the path can name."""

    headers: Mapping[str, str]
    places: Mapping[str, str]
    me: Person


class Inhabitants:
    """Makes people and what is theirs, as often as it is asked to."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._count = 0
        self._callers: dict[str, Person] = {}
        self.transport = httpx.ASGITransport(world.tidings.app, raise_app_exceptions=False)

    async def visit(self, who: str, operation: str, places: Iterable[str]) -> Visit:
        """Somebody who is signed in, and what this operation can name."""
        named = set(places)
        if who not in self._callers:
            self._callers[who] = await self._person(admin=who == "admin")
        owner = me = self._callers[who]
        if "user_id" in named:
            owner = await self._person(state=_STATES.get(operation.rpartition("/")[2], AccountState.ACTIVE))
        found = {place: await (_ODD.get(operation) or _PLACES[place])(owner) for place in named}
        headers = {"Origin": BASE_URL, **({} if who == "nobody" else {"Cookie": cookie_of(me)})}
        return Visit(headers, found, me)

    def forget(self, who: str) -> None:
        """Whoever called has changed something, perhaps themselves: the next visit is somebody else's."""
        self._callers.pop(who, None)

    async def _person(self, *, admin: bool = False, state: AccountState = AccountState.ACTIVE) -> Person:
        self._count += 1
        person = await self._world.make_person(f"somebody.{self._count}", admin=admin, state=state)
        async with self._world.tidings.database.write() as session:
            await session.execute(update(User).where(User.id == person.id).values(password_hash=HASH))
        return person


async def _user(owner: Person) -> str:
    return str(owner.id)


async def _external_id(_owner: Person) -> str:
    return uuid4().hex


async def _session(owner: Person) -> str:
    async with owner.world.tidings.database.read() as session:
        return str(await session.scalar(select(UserSession.id).where(UserSession.user_id == owner.id)))


async def _notification(owner: Person) -> str:
    notification_id: str = (await owner.receives())["id"]
    return notification_id


async def _event(owner: Person) -> str:
    event_id: str = (await owner.receives())["event_id"]
    return event_id


async def _delivery(owner: Person) -> str:
    return str((await put_delivery(owner.world.tidings, owner, record=DEAD)).id)


async def _waiting_delivery(owner: Person) -> str:
    return str((await put_delivery(owner.world.tidings, owner)).id)


async def _mail(owner: Person) -> str:
    return str(keep_mail(owner.world.tidings, html="<p>The usual place.</p>").delivery_id)


async def _key(owner: Person) -> str:
    now = owner.world.clock.now()
    async with owner.world.tidings.database.write() as session:
        row, _ = await create_key(
            session, owner_id=owner.id, name="mine", scopes=[Scope.USERS_READ], expires_at=None, by=SERVER, now=now
        )
        return str(row.id)


async def _secret(owner: Person) -> str:
    tidings = owner.world.tidings
    async with tidings.database.write() as session:
        row, _ = await create_signing_secret(
            session, name="host", keyring=tidings.keyring, by=SERVER, now=owner.world.clock.now()
        )
        return str(row.id)


async def _photo(owner: Person) -> str:
    rendered = await render_photo(picture(size=(8, 8)))
    async with owner.world.tidings.database.write() as session:
        user = await put_photo(session, owner.id, rendered, by=SERVER, now=owner.world.clock.now())
        return str(user.photo_id)


async def _provider(owner: Person) -> str:
    return str((await _put(owner, _some_provider(owner))).id)


async def _slug(owner: Person) -> str:
    return (await _put(owner, _some_provider(owner))).slug


async def _identity(owner: Person) -> str:
    provider = await _put(owner, _some_provider(owner))
    identity = Identity(
        user_id=owner.id,
        id=new_id(),
        provider_id=provider.id,
        issuer=provider.issuer,
        subject=uuid4().hex,
        email=None,
        created_at=owner.world.clock.now(),
        last_used_at=None,
    )
    return str((await _put(owner, identity)).id)


async def _passkey(owner: Person) -> str:
    passkey = Passkey(
        user_id=owner.id,
        id=new_id(),
        credential_id=uuid4().bytes,
        public_key=uuid4().bytes,
        sign_count=0,
        transports=[],
        is_backed_up=False,
        name="Key",
        created_at=owner.world.clock.now(),
        last_used_at=None,
    )
    return str((await _put(owner, passkey)).id)


async def _text(_owner: Person) -> str:
    return "system"


async def _unsubscribe_token(owner: Person) -> str:
    return make_token(owner.world.tidings.keyring, Unsubscription(owner.id, "system"))


def _some_provider(owner: Person) -> IdentityProvider:
    now = owner.world.clock.now()
    provider = IdentityProvider(
        id=new_id(),
        slug=f"club-{uuid4().hex}",
        name="Club",
        template=None,
        issuer="https://127.0.0.1:9",
        client_id="tidings",
        scopes=["openid"],
        enabled=True,
        auto_create=False,
        trust_email=False,
        sync_profile=False,
        position=0,
        created_at=now,
        updated_at=now,
    )
    provider.sealed = owner.world.tidings.keyring.seal(CLIENT_SECRET.encode(), place=provider.place)
    return provider


async def _put(owner: Person, row: Row) -> Row:
    async with owner.world.tidings.database.write() as session:
        session.add(row)
    return row


_PLACES: Mapping[str, Callable[[Person], Awaitable[str]]] = {
    "delivery_id": _delivery,
    "event_id": _event,
    "external_id": _external_id,
    "identity_id": _identity,
    "key_id": _key,
    "name": _text,
    "notification_id": _notification,
    "passkey_id": _passkey,
    "photo_id": _photo,
    "provider_id": _provider,
    "secret_id": _secret,
    "session_id": _session,
    "slug": _slug,
    "token": _unsubscribe_token,
    "user_id": _user,
}
_ODD: Mapping[str, Callable[[Person], Awaitable[str]]] = {
    "POST /deliveries/{delivery_id}/cancel": _waiting_delivery,
    **{f"GET /development/mails/{{delivery_id}}{part}": _mail for part in ("", "/html", "/raw")},
}
"""What stands in a path where its name alone does not say it."""
