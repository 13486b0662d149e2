"""The words of privacy."""

from enum import StrEnum


class Visibility(StrEnum):
    """Who may see an activity."""

    PUBLIC = "public"
    FOLLOWERS = "followers"
    PRIVATE = "private"
