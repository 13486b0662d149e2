"""Who is calling: the one value that every route's policy and every endpoint reads."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from tidings.accounts.audit.types import Actor, ActorKind
from tidings.accounts.types import AccessType, Owed, Scope


class Credential(StrEnum):
    """How a caller proved who they are."""

    NONE = "none"
    COOKIE = "cookie"
    ACCESS_TOKEN = "access_token"
    API_KEY = "api_key"
    RECIPIENT_TOKEN = "recipient_token"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A person (cookie, access or recipient token, ticket), a server (API key), or nobody.

    `user_id` is the person, or the maker of a key, None for a key of the server. `credential_id` names the
    session, key or signing secret. `expires_at` is when this proof stops being one. `owes` is what a person must do
    first.
    """

    credential: Credential
    user_id: UUID | None = None
    access_type: AccessType = AccessType.REGULAR
    scopes: frozenset[Scope] = frozenset()
    credential_id: UUID | None = None
    expires_at: datetime | None = None
    owes: Owed | None = None

    @property
    def person_id(self) -> UUID:
        """Who the person is. Raises LookupError for a caller who is nobody."""
        if self.user_id is None:
            raise LookupError("this caller is nobody")
        return self.user_id

    @property
    def is_person(self) -> bool:
        return self.credential not in {Credential.NONE, Credential.API_KEY}

    @property
    def is_admin(self) -> bool:
        """Whether the caller has every right: an administrator in person, or a key with scope admin."""
        if self.credential is Credential.API_KEY:
            return Scope.ADMIN in self.scopes
        return self.access_type is AccessType.ADMIN and self.credential in {
            Credential.COOKIE,
            Credential.ACCESS_TOKEN,
        }

    def may(self, scope: Scope) -> bool:
        """Whether the caller may do what `scope` names: administrators, and keys that carry the scope."""
        return self.is_admin or scope in self.scopes

    def actor(self, address: str | None) -> Actor:
        """How the audit log calls whoever this is, calling from this address."""
        if self.credential is Credential.API_KEY:
            return Actor(kind=ActorKind.KEY, id=self.credential_id, ip=address)
        kind = ActorKind.NOBODY if self.credential is Credential.NONE else ActorKind.USER
        return Actor(kind=kind, id=self.user_id, ip=address)

    @property
    def idempotency_scope(self) -> str:
        """Whose Idempotency-Keys these are."""
        return (
            f"{self.credential}:{self.user_id or self.credential_id}" if self.is_person else f"key:{self.credential_id}"
        )


def scopes_of(user_id: UUID, key_ids: Iterable[UUID]) -> Collection[str]:
    """Every scope in which this user and these keys can have kept an Idempotency-Key."""
    return [*(f"{credential}:{user_id}" for credential in Credential), *(f"key:{key_id}" for key_id in key_ids)]


@dataclass(frozen=True, slots=True)
class Proof:
    """A credential that holds, and when its use was last noted (None: never, or nobody notes it)."""

    caller: Caller
    last_used_at: datetime | None = None


async def _caller(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


async def _inbox_owner(request: Request) -> UUID:
    owner: UUID = request.state.inbox_owner
    return owner


CurrentCaller = Annotated[Caller, Depends(_caller)]
# Whose inbox a request is about: the person who calls, or the user a key names with `?user=`.
InboxOwner = Annotated[UUID, Depends(_inbox_owner)]
