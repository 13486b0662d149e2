"""What somebody who signed in still owes: a password of their own choice, or a second factor where all need one."""

from sqlalchemy import and_, exists

from tidings.accounts.models import User
from tidings.accounts.server_settings.models import ServerSettings
from tidings.accounts.types import Owed
from tidings.kernel.db import AnyRow

MUST_CHANGE_PASSWORD = User.password_must_change
MUST_SET_UP_MFA = and_(User.mfa_enabled.is_(False), exists().where(ServerSettings.mfa_required)).label(
    "must_set_up_mfa"
)
"""Columns for a statement that finds a caller, so that nobody is asked about twice."""


def owed_by(row: AnyRow) -> Owed | None:
    """What the user of a row with both columns must do first."""
    if row.password_must_change:
        return Owed.PASSWORD
    return Owed.SECOND_FACTOR if row.must_set_up_mfa else None
