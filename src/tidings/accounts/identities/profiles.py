"""What a provider says of a person, in the words of a profile. Pure; rights are never among it."""

import re
import secrets
from collections.abc import Iterator

from tidings.accounts.identifiers import NotCanonical, canonical_email
from tidings.accounts.identity_providers.types import ProvenIdentity
from tidings.accounts.types import Language

_NOT_IN_USERNAMES = re.compile(r"[^a-z0-9.]+")
_BY_TAG = {language.tag.lower(): language for language in Language}
_REGIONS = {"zh-tw": Language.CHINESE_TRADITIONAL, "zh-hk": Language.CHINESE_TRADITIONAL}
_ALONE = {"zh": Language.CHINESE_SIMPLIFIED, "en": Language.ENGLISH_US}
_MAX_USERNAME = 60


def language_of(locale: str | None) -> Language | None:
    """The language that fits a BCP 47 tag best; None when we do not speak it."""
    parts = (locale or "").lower().replace("_", "-").split("-")
    for length in (2, 1):
        tag = "-".join(parts[:length])
        found = _REGIONS.get(tag) or _BY_TAG.get(tag) or _ALONE.get(tag)
        if found is not None:
            return found
    return None


def usernames_for(proven: ProvenIdentity) -> Iterator[str]:
    """User names to try, the most natural first; they end with some that chance makes unlikely to be taken."""
    wanted = (proven.username or proven.email or "").partition("@")[0].lower()
    base = _NOT_IN_USERNAMES.sub("", wanted).strip(".")[:_MAX_USERNAME] or "user"
    yield base
    yield from (f"{base}{number}" for number in range(2, 6))
    yield from (f"{base}{secrets.randbelow(10**9)}" for _ in range(3))


def email_of(proven: ProvenIdentity) -> str | None:
    """The address in canonical form; None for one that is none."""
    try:
        return None if proven.email is None else canonical_email(proven.email)
    except NotCanonical:
        return None
