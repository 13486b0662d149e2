"""The beats on which answers leave whose time could tell strangers who has an account here (docs/decisions/0019)."""

from tidings.kernel.http.evenly import Beat

ABOUT_ADDRESSES = Beat(0.25)
"""Far longer than the database needs, and than the letter of the same process that is on its way by then."""
SIGNING_IN = Beat(0.05, refusals_only=True)
"""About twice what hashing a password takes, which is what a refusal costs. Who gets in does not wait."""
