"""Looking a password up among those that were stolen somewhere, in a file on this machine.

The file is that of haveibeenpwned.com/Passwords: one upper-case SHA-1 a line, in order, a colon and a count after it.
It has tens of gigabytes, so it is searched where it lies.
"""

import hashlib
import os
from pathlib import Path
from typing import BinaryIO


def is_breached(file: Path, password: str) -> bool:
    """Whether the file lists this password. Reads a few dozen lines from the disk: call it in a thread."""
    # The list's own hash; nothing is protected by it.
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with file.open("rb") as lines:
        low, high = 0, lines.seek(0, os.SEEK_END)
        while low < high:
            middle = (low + high) // 2
            if _hash_after(lines, middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return _hash_after(lines, low) == wanted


def _hash_after(lines: BinaryIO, position: int) -> bytes:
    """The hash of the first line that begins at this position or later; after the last line what sorts behind all."""
    lines.seek(max(position - 1, 0))
    if position:
        lines.readline()
    line = lines.readline().strip()
    return line.partition(b":")[0].upper() if line else b"~"
