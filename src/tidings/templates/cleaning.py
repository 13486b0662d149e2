"""What no text of ours shows: characters that command instead of being read."""

import re

# Unbalanced, they turn around what follows: a name with an override shows a false address (Unicode UAX 9 §3.3).
_DIRECTIONS = "\u202a-\u202e\u2066-\u2069"
_CONTROLS = "\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufeff\ufffe\uffff"
_UNWANTED = re.compile(f"[{_DIRECTIONS}{_CONTROLS}]")
_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"\s+")


def cleaned(text: str) -> str:
    """The text without controls and without marks that turn the reading direction; line ends are line feeds."""
    return _SURROGATES.sub("\ufffd", _UNWANTED.sub("", _LINE_ENDS.sub("\n", text)))


def on_one_line(text: str) -> str:
    """The same, its white space single spaces."""
    return _SPACES.sub(" ", cleaned(text)).strip()
