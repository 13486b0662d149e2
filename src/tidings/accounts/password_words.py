"""What is said of a password that is refused: codes that stay, each with an English sentence.

The pages have the same codes in every language, as `fault_…` and `advice_…`.
"""

from collections.abc import Iterable, Iterator, Mapping

FAULTS: Mapping[str, str] = {
    "password_too_short": "The password is too short: it needs at least {count} characters.",
    "password_lacks_variety": "The password needs upper and lower case, a digit and a punctuation mark.",
    "password_too_common": "This password is among those that are tried first.",
    "password_contains_personal_data": "Too much of the password is your name, your address or ours.",
    "password_unchanged": "Choose another password than the one that you were given.",
}
"""What is wrong with it."""

ADVICE: Mapping[str, str] = {
    "resembles_common": "It resembles a password that many use.",
    "word_alone": "A word by itself is easy to guess.",
    "names": "Names are easy to guess.",
    "keyboard_pattern": "Keys that lie side by side are easy to guess.",
    "repeats": "Characters and words that repeat are easy to guess.",
    "sequence": "Sequences such as “abc” or “6543” are easy to guess.",
    "dates": "Dates and years are easy to guess.",
    "capitals": "Capital letters help very little.",
    "backwards": "Words that are spelled backwards are nearly as easy to guess.",
    "substitutions": "Characters such as “@” in place of “a” help very little.",
    "add_words": "Add another word or two. Uncommon words are better.",
}
"""What would be better."""

_MEANT: Mapping[str, str] = {
    "Use a few words, avoid common phrases.": "add_words",
    "No need for symbols, digits, or uppercase letters.": "add_words",
    "Add another word or two. Uncommon words are better.": "add_words",
    "This is a top-10 common password.": "resembles_common",
    "This is a top-100 common password.": "resembles_common",
    "This is a very common password.": "resembles_common",
    "This is similar to a commonly used password.": "resembles_common",
    "A word by itself is easy to guess.": "word_alone",
    "Names and surnames by themselves are easy to guess.": "names",
    "Common names and surnames are easy to guess.": "names",
    "Straight rows of keys are easy to guess.": "keyboard_pattern",
    "Short keyboard patterns are easy to guess.": "keyboard_pattern",
    "Use a longer keyboard pattern with more turns.": "keyboard_pattern",
    'Repeats like "aaa" are easy to guess.': "repeats",
    'Repeats like "abcabcabc" are only slightly harder to guess than "abc".': "repeats",
    "Avoid repeated words and characters.": "repeats",
    'Sequences like "abc" or "6543" are easy to guess.': "sequence",
    "Avoid sequences.": "sequence",
    "Recent years are easy to guess.": "dates",
    "Avoid recent years.": "dates",
    "Avoid years that are associated with you.": "dates",
    "Dates are often easy to guess.": "dates",
    "Avoid dates and years that are associated with you.": "dates",
    "Capitalization doesn't help very much.": "capitals",
    "All-uppercase is almost as easy to guess as all-lowercase.": "capitals",
    "Reversed words aren't much harder to guess.": "backwards",
    "Predictable substitutions like '@' instead of 'a' don't help very much.": "substitutions",
}
"""Every sentence of zxcvbn, and which advice of ours it amounts to."""


def advice_meant(sentences: Iterable[str]) -> Iterator[str]:
    """The advice that these sentences of zxcvbn amount to, each once, in the order of `ADVICE`."""
    meant = {_MEANT.get(sentence) for sentence in sentences}
    return (code for code in ADVICE if code in meant)
