"""The words of identities."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class FlowPurpose(StrEnum):
    """What somebody was sent to a provider for."""

    SIGN_IN = "sign-in"
    LINK = "link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A trip to a provider that came back to the browser it began in, and can come back no second time."""

    provider_id: UUID
    nonce: str
    verifier: str
    purpose: FlowPurpose
    user_id: UUID | None
    return_path: str
