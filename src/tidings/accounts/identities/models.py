"""Tables of identities."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tidings.accounts.identities.types import FlowPurpose
from tidings.accounts.identity_providers.models import IdentityProvider
from tidings.accounts.models import User
from tidings.kernel.db import Base, text_enum
from tidings.kernel.ids import new_id


class Identity(Base):
    """Who this person is at a provider: issuer and subject, never an address. Nobody else can be that."""

    __tablename__ = "tidings_identities"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    provider_id: Mapped[UUID] = mapped_column(ForeignKey(IdentityProvider.id, ondelete="CASCADE"), index=True)
    issuer: Mapped[str]
    subject: Mapped[str]
    email: Mapped[str | None]  # as the provider said it last, for people to tell their identities apart
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("issuer", "subject"),)


class OidcState(Base):
    """Somebody who is at a provider now, and may come back once, to the same browser, within ten minutes."""

    __tablename__ = "tidings_oidc_states"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    provider_id: Mapped[UUID] = mapped_column(ForeignKey(IdentityProvider.id, ondelete="CASCADE"), index=True)
    browser_digest: Mapped[bytes] = mapped_column(LargeBinary)
    nonce: Mapped[str]
    sealed: Mapped[str]  # the code verifier
    purpose: Mapped[FlowPurpose] = mapped_column(text_enum(FlowPurpose))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    return_path: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (CheckConstraint("(purpose = 'link') = (user_id IS NOT NULL)", name="link_has_user"),)

    @property
    def place(self) -> str:
        """What the sealed code verifier is bound to."""
        return f"tidings_oidc_states.sealed:{self.id}"
