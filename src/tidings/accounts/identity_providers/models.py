"""The table of identity providers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tidings.kernel.db import Base, Json
from tidings.kernel.ids import new_id


class IdentityProvider(Base):
    """A provider, and what it lets us be its client with. Slug and issuer never change: identities hang on them."""

    __tablename__ = "tidings_identity_providers"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    template: Mapped[str | None]
    issuer: Mapped[str]
    client_id: Mapped[str]
    sealed: Mapped[str | None]  # the client secret; a public client has none
    scopes: Mapped[list[str]] = mapped_column(Json)
    enabled: Mapped[bool]
    auto_create: Mapped[bool]
    """Whether somebody nobody here knows gets an account, under the rules of signing up."""
    trust_email: Mapped[bool]
    """Whether its addresses count as verified although it does not say so."""
    sync_profile: Mapped[bool]
    """Whether name and language follow the provider at each sign-in."""
    position: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("slug = lower(slug)", name="slug_lower"),)

    @property
    def place(self) -> str:
        """What the sealed secret is bound to."""
        return f"tidings_identity_providers.sealed:{self.id}"

    @property
    def has_client_secret(self) -> bool:
        return self.sealed is not None

    @property
    def icon(self) -> str | None:
        return self.template
