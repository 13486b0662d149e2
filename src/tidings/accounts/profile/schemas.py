"""Changes of a profile: what is absent stays; null clears what may be empty. Rights and states are not among them."""

from typing import Any

from tidings.accounts.schemas import Birthdate, City, Email, ExternalId, HeartRate, Height, Name, Username
from tidings.accounts.types import AccessType, Currency, Gender, Language, Units, WeekDay
from tidings.kernel.http.schemas import Body

ABSENT: Any = None
"""The default of what may be absent and never null: defaults are not validated, and only what was sent is written."""


class ProfilePatch(Body):
    """What people change of themselves."""

    name: Name = ABSENT
    username: Username = ABSENT
    preferred_language: Language = ABSENT
    city: City | None = None
    birthdate: Birthdate | None = None
    gender: Gender = ABSENT
    units: Units = ABSENT
    height: Height | None = None
    max_heart_rate: HeartRate | None = None
    first_day_of_week: WeekDay = ABSENT
    currency: Currency = ABSENT


class UserPatch(ProfilePatch):
    """What administrators change of a user besides."""

    email: Email = ABSENT
    external_id: ExternalId | None = None
    access_type: AccessType = ABSENT
