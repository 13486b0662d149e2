"""Tables of second factors."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from tidings.accounts.mfa.types import ChallengePurpose
from tidings.accounts.models import User
from tidings.kernel.db import Base, Json, text_enum
from tidings.kernel.ids import new_id


class Totp(Base):
    """The secret a person shares with their authenticator app; without `confirmed_at` it opens nothing yet."""

    __tablename__ = "tidings_totp"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    sealed: Mapped[str]
    last_step: Mapped[int] = mapped_column(BigInteger)
    """The newest time step a code was accepted for; no code of it or of an earlier one is accepted again."""
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]

    @property
    def place(self) -> str:
        """What the sealed secret is bound to."""
        return f"tidings_totp.sealed:{self.user_id}"


class RecoveryCode(Base):
    """One of the codes that stand in for a lost factor, each once; used ones are gone."""

    __tablename__ = "tidings_recovery_codes"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    created_at: Mapped[datetime]


class Passkey(Base):
    """A WebAuthn credential: the public half of a key pair that never leaves its owner's device or vault."""

    __tablename__ = "tidings_passkeys"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)  # COSE_Key (RFC 9052 §7)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    transports: Mapped[list[str]] = mapped_column(Json)
    is_backed_up: Mapped[bool]
    name: Mapped[str]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class PasskeyChallenge(Base):
    """What a passkey has been asked to sign and has not yet; nobody is known while signing in."""

    __tablename__ = "tidings_passkey_challenges"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    purpose: Mapped[ChallengePurpose] = mapped_column(text_enum(ChallengePurpose))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
