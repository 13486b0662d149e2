"""Passwords that everybody tries first: the thirty thousand commonest, and what people make of them.

The list is loaded by the first question, which is best asked in a thread: it takes 15 MiB and some milliseconds, and a
server where nobody ever chooses a password needs none of it.
"""

import string
from functools import cache

_LINES = (
    "1234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "poiuytrewqlkjhgfdsamnbvcxz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
)
_SHORT = 5
_DECORATION = string.digits + string.punctuation + string.whitespace


def is_common(password: str) -> bool:
    """Whether this is a common password, one with digits and signs around it, a repetition, or a walk along keys."""
    text = password.casefold()
    core = text.strip(_DECORATION)
    return any(_is_guessed_early(each) for each in {text, core} - {""})


def _is_guessed_early(text: str) -> bool:
    unit = _unit(text)
    return unit in _common() or (len(unit) <= _SHORT and len(unit) < len(text)) or _is_walk(text)


def _unit(text: str) -> str:
    """The shortest beginning that, repeated, gives the text; the end may be cut off."""
    return next(text[:size] for size in range(1, len(text) + 1) if (text[:size] * len(text))[: len(text)] == text)


def _is_walk(text: str) -> bool:
    """Whether the characters follow one another in the alphabet, in counting, or on a keyboard, either way."""
    laps = len(text) // min(map(len, _LINES)) + 2
    return any(way in line * laps for line in _LINES for way in (text, text[::-1]))


@cache
def _common() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]  # noqa: PLC0415 - see above

    return frozenset(FREQUENCY_LISTS["passwords"])
