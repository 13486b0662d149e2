"""What accounts itself keeps of a person, as sections of an export; secrets and digests are never among it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.types import Actor
from tidings.accounts.contributors import Section, Slice
from tidings.accounts.exports.tables import rows_of
from tidings.accounts.identities.models import Identity
from tidings.accounts.mfa.models import Passkey
from tidings.accounts.models import ApiKey, UserSession
from tidings.accounts.privacy.keeping import privacy_of, put_privacy
from tidings.accounts.privacy.schemas import PrivacyPut
from tidings.accounts.profile.editing import edit_profile
from tidings.accounts.profile.reading import own_profile
from tidings.accounts.profile.schemas import ProfilePatch
from tidings.accounts.queries import get_user

# A user name is unique on its server, so it belongs to the account and not to what moves between accounts.
_TAKEN_IN = frozenset(ProfilePatch.model_fields) - {"username"}


async def _read_profile(session: AsyncSession, user_id: UUID, _after: str | None, /, *, now: datetime) -> Slice:
    profile = await own_profile(session, await get_user(session, user_id))
    return Slice([profile.model_dump(mode="json", exclude=set(PrivacyPut.model_fields))])


async def _write_profile(
    session: AsyncSession, user_id: UUID, records: Sequence[Mapping[str, Any]], /, *, by: Actor, now: datetime
) -> int:
    for record in records:
        patch = ProfilePatch.model_validate({name: value for name, value in record.items() if name in _TAKEN_IN})
        await edit_profile(session, user_id, patch.model_dump(exclude_unset=True), by=by, now=now)
    return len(records)


async def _read_privacy(session: AsyncSession, user_id: UUID, _after: str | None, /, *, now: datetime) -> Slice:
    privacy = PrivacyPut.model_validate(await privacy_of(session, user_id))
    return Slice([privacy.model_dump(mode="json")])


async def _write_privacy(
    session: AsyncSession, user_id: UUID, records: Sequence[Mapping[str, Any]], /, *, by: Actor, now: datetime
) -> int:
    for record in records:
        values = PrivacyPut.model_validate(record).model_dump()
        await put_privacy(session, user_id, values, by=by, now=now)
    return len(records)


OWN_SECTIONS: tuple[Section, ...] = (
    Section("profile", _read_profile, _write_profile),
    Section("privacy", _read_privacy, _write_privacy),
    Section(
        "sessions",
        rows_of(
            UserSession.id,
            UserSession.id,
            UserSession.kind,
            UserSession.created_at,
            UserSession.last_used_at,
            UserSession.expires_at,
            UserSession.user_agent,
            UserSession.ip,
            belongs=lambda user_id: UserSession.user_id == user_id,
        ),
    ),
    Section(
        "identities",
        rows_of(
            Identity.id,
            Identity.id,
            Identity.issuer,
            Identity.subject,
            Identity.email,
            Identity.created_at,
            belongs=lambda user_id: Identity.user_id == user_id,
        ),
    ),
    Section(
        "passkeys",
        rows_of(
            Passkey.id,
            Passkey.id,
            Passkey.name,
            Passkey.created_at,
            Passkey.last_used_at,
            belongs=lambda user_id: Passkey.user_id == user_id,
        ),
    ),
    Section(
        "api_keys",
        rows_of(
            ApiKey.id,
            ApiKey.id,
            ApiKey.name,
            ApiKey.scopes,
            ApiKey.created_at,
            ApiKey.expires_at,
            ApiKey.revoked_at,
            ApiKey.last_used_at,
            belongs=lambda user_id: ApiKey.owner_user_id == user_id,
        ),
    ),
    Section(
        "audit_log",
        rows_of(
            AuditEntry.id,
            AuditEntry.id,
            AuditEntry.at,
            AuditEntry.action,
            AuditEntry.detail,
            belongs=lambda user_id: or_(AuditEntry.actor_id == user_id, AuditEntry.target_id == user_id),
        ),
    ),
)
"""In the order in which they are read and taken in."""
