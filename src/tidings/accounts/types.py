"""The vocabulary of accounts: closed sets that the database, the API and the UI share."""

from enum import StrEnum


class AccountState(StrEnum):
    """Where an account is in its life; `state.py` says which moves exist."""

    RECIPIENT = "recipient"
    INVITED = "invited"
    REGISTERED = "registered"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REJECTED = "rejected"


NEVER_SIGNED_IN = frozenset({AccountState.RECIPIENT, AccountState.INVITED, AccountState.REGISTERED})
"""Who cannot sign in yet and never could: where a host knows them, it goes on to speak for them."""


class SessionKind(StrEnum):
    """What holds a session: a browser its cookie, an app its family of tokens."""

    BROWSER = "browser"
    TOKEN = "token"


class Owed(StrEnum):
    """What somebody who signed in must do before they may do anything else."""

    PASSWORD = "password"
    SECOND_FACTOR = "second_factor"


class AccessType(StrEnum):
    REGULAR = "regular"
    ADMIN = "admin"


class Language(StrEnum):
    """The thirteen languages, by the codes of the originating system."""

    CATALAN = "ca"
    CHINESE_SIMPLIFIED = "cn"
    CHINESE_TRADITIONAL = "tw"
    GERMAN = "de"
    FRENCH = "fr"
    GALICIAN = "gl"
    ITALIAN = "it"
    DUTCH = "nl"
    PORTUGUESE = "pt"
    SLOVENIAN = "sl"
    SWEDISH = "sv"
    SPANISH = "es"
    ENGLISH_US = "us"

    @property
    def tag(self) -> str:
        """The BCP 47 tag, as browsers, HTML and mail name the language."""
        return {"cn": "zh-Hans", "tw": "zh-Hant", "us": "en-US"}.get(self.value, self.value)


class Gender(StrEnum):
    MALE = "male"
    FEMALE = "female"
    UNSPECIFIED = "unspecified"


class Units(StrEnum):
    METRIC = "metric"
    IMPERIAL = "imperial"


class Currency(StrEnum):
    EURO = "euro"
    DOLLAR = "dollar"
    POUND = "pound"


class WeekDay(StrEnum):
    SUNDAY = "sunday"
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"


class Scope(StrEnum):
    """What an API key may do; `admin` includes all."""

    NOTIFICATIONS_SEND = "notifications:send"
    NOTIFICATIONS_READ = "notifications:read"
    USERS_READ = "users:read"
    USERS_WRITE = "users:write"
    TOPICS_WRITE = "topics:write"
    ANNOUNCEMENTS_SEND = "announcements:send"
    ADMIN = "admin"
