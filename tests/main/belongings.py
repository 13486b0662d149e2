"""Everything that can be kept of one person: at least one row in every table that can name a user."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Column, Table

from tests.world import Person
from tidings.accounts.audit.types import ActorKind
from tidings.accounts.callers import Credential
from tidings.accounts.exports.models import Export, ExportPart
from tidings.accounts.exports.types import ExportState
from tidings.accounts.failures.models import SignInFailures
from tidings.accounts.identities.models import Identity, OidcState
from tidings.accounts.identities.types import FlowPurpose
from tidings.accounts.identity_providers.models import IdentityProvider
from tidings.accounts.invitations.models import Invitation
from tidings.accounts.known_devices.models import UNKNOWN_DEVICE, KnownDevice
from tidings.accounts.letter_limits.counting import may_write
from tidings.accounts.mail_tokens.models import MailToken
from tidings.accounts.mail_tokens.types import MailPurpose
from tidings.accounts.mfa.models import Passkey, PasskeyChallenge, RecoveryCode, Totp
from tidings.accounts.mfa.types import ChallengePurpose
from tidings.accounts.models import ApiKey, Ticket, TokenPair, UserSession
from tidings.accounts.pending_sign_ins.models import PendingSignIn
from tidings.accounts.photos.models import Photo
from tidings.accounts.types import AccessType, SessionKind
from tidings.kernel.db import Base
from tidings.kernel.http.idempotency import IdempotencyKey
from tidings.kernel.ids import new_id
from tidings.notifications.models import CollapsedEvent, Preferences
from tidings.outbox.writing import NewDelivery, enqueue

_HOUR = timedelta(hours=1)
NEW_EMAIL = "another@elsewhere.example"
"""An address that waits to be confirmed."""


async def fill(person: Person) -> None:
    """Give this person everything one can have, beyond what the account began with."""
    world, now = person.world, person.world.clock.now()
    await person.receives("message", title="A word for one alone", data={"about": person.name})
    entry = await person.receives("message", title="Another")
    async with world.tidings.database.write() as session:
        provider = _provider(now)
        session.add(provider)
        await session.flush()
        for each in (*_credentials(person.id, now), *_journeys(person, provider, now), *_things(person, entry, now)):
            session.add(each)
            await session.flush()
        await (await session.connection()).run_sync(enqueue, [_letter(person, now)])
        for email in (f"{person.name}@example.org", NEW_EMAIL):
            await may_write(session, email, "password_reset", now=now)


def _provider(now: datetime) -> IdentityProvider:
    rules = {"enabled": True, "auto_create": False, "trust_email": False, "sync_profile": False, "position": 0}
    names = {"slug": "club", "name": "The Club", "issuer": "https://club.example", "client_id": "tidings"}
    return IdentityProvider(**names, **rules, scopes=["openid"], created_at=now, updated_at=now)


def _credentials(user_id: UUID, now: datetime) -> Iterator[Base]:
    times = {"created_at": now, "last_used_at": now}
    ends = {"idle_expires_at": now + _HOUR, "expires_at": now + _HOUR}
    session = UserSession(user_id=user_id, id=new_id(), kind=SessionKind.TOKEN, confirmed_at=now, **times, **ends)
    key = ApiKey(id=new_id(), owner_user_id=user_id, name="mine", digest=b"key", scopes=[], created_at=now)
    yield from (session, key)
    pair = {"access_digest": b"access", "access_expires_at": now, "refresh_digest": b"refresh"}
    yield TokenPair(user_id=user_id, session_id=session.id, **pair)
    yield Ticket(user_id=user_id, digest=b"t", credential_id=session.id, credential_expires_at=now, expires_at=now)
    yield Totp(user_id=user_id, sealed="sealed", last_step=0, created_at=now, confirmed_at=now)
    yield RecoveryCode(user_id=user_id, digest=b"code", created_at=now)
    passkey = {"credential_id": b"id", "public_key": b"key", "sign_count": 0, "transports": [], "is_backed_up": False}
    yield Passkey(user_id=user_id, name="Phone", created_at=now, **passkey)
    for caller in (f"{Credential.COOKIE}:{user_id}", f"key:{key.id}"):
        yield IdempotencyKey(caller=caller, route="POST /", key="1", request_digest=b"", body=b"{}", created_at=now)


def _journeys(person: Person, provider: IdentityProvider, now: datetime) -> Iterator[Base]:
    user_id, ends = person.id, {"expires_at": now + _HOUR}
    at_provider = {"provider_id": provider.id, "issuer": provider.issuer, "subject": "1"}
    yield Identity(user_id=user_id, **at_provider, email=f"{person.name}@example.org", created_at=now)
    secrets = {"digest": b"state", "browser_digest": b"browser", "nonce": "nonce", "sealed": "sealed"}
    yield OidcState(
        user_id=user_id, provider_id=provider.id, purpose=FlowPurpose.LINK, return_path="/", **secrets, **ends
    )
    yield PasskeyChallenge(user_id=user_id, digest=b"challenge", purpose=ChallengePurpose.REGISTER, **ends)
    waiting = {"kind": SessionKind.BROWSER, "device": UNKNOWN_DEVICE, "created_at": now}
    yield PendingSignIn(user_id=user_id, digest=b"pending", **waiting, **ends)
    yield KnownDevice(user_id=user_id, digest=b"device", created_at=now, last_seen_at=now)
    link = {"purpose": MailPurpose.CONFIRM_EMAIL, "email": NEW_EMAIL, "created_at": now}
    yield MailToken(user_id=user_id, digest=b"link", **link, **ends)
    inviter = {"inviter_kind": ActorKind.USER, "inviter_id": uuid4()}
    yield Invitation(user_id=user_id, access_type=AccessType.REGULAR, **inviter, created_at=now)
    yield SignInFailures(subject=user_id, device=UNKNOWN_DEVICE, count=3, last_at=now)


def _things(person: Person, entry: Mapping[str, Any], now: datetime) -> Iterator[Base]:
    user_id = person.id
    yield Photo(user_id=user_id, id=uuid4(), content=b"photo", width=1, height=1, created_at=now)
    made = {"state": ExportState.READY, "requested_at": now, "expires_at": now + _HOUR}
    yield Export(user_id=user_id, id=new_id(), content=b"archive", **made)
    yield ExportPart(user_id=user_id, position=0, section="profile", packed=b"packed")
    switches = {"in_app_enabled": True, "email_enabled": True, "push_enabled": True, "type_preferences": {}}
    yield Preferences(user_id=user_id, **switches, created_at=now, updated_at=now)
    gathered = {"event_id": new_id(), "notification_id": UUID(entry["id"]), "plan": "[]"}
    yield CollapsedEvent(user_id=user_id, **gathered)


def _letter(person: Person, now: datetime) -> NewDelivery:
    return NewDelivery(
        user_id=person.id,
        kind="account",
        channel="email",
        key="k",
        destination=f"{person.name}@example.org",
        payload={"name": person.name},
        due_at=now,
        created_at=now,
    )


def names_of_users(table: Table) -> list[Column[Any]]:
    """The columns of a table that say whose a row is."""
    told = {"user_id", "owner_user_id", "subject"}
    return [each for each in table.columns if each.name in told or _is_a_user(each)]


def _is_a_user(column: Column[Any]) -> bool:
    return any(_ends_at_users(key.column) for key in column.foreign_keys)


def _ends_at_users(column: Column[Any]) -> bool:
    return (column.table.name == "tidings_users" and column.name == "id") or _is_a_user(column)
