"""Every column that holds sealed values. `tidings rotate-keys` forgets what does not stand here."""

from sqlalchemy import Table

from tidings.accounts.identities.models import OidcState
from tidings.accounts.identity_providers.models import IdentityProvider
from tidings.accounts.mfa.models import Totp
from tidings.accounts.models import SigningSecret, TokenPair
from tidings.kernel.db import Base
from tidings.kernel.rotation import SealedColumn
from tidings.outbox.models import Delivery


def _table(model: type[Base]) -> Table:
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{model.__name__} is no table")
    return table


SEALED_COLUMNS = (
    SealedColumn(_table(SigningSecret), "sealed"),
    SealedColumn(_table(TokenPair), "successor"),
    SealedColumn(_table(Totp), "sealed", identity="user_id"),
    SealedColumn(_table(IdentityProvider), "sealed"),
    SealedColumn(_table(OidcState), "sealed"),
    SealedColumn(_table(Delivery), "payload", inside="sealed"),
)
