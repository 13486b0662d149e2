"""The NUL character: PostgreSQL cannot store it in text, SQLite cuts text at it, and no text needs it."""

from typing import Any


def holds_nul(value: Any) -> bool:  # Any: JSON, or a tuple of it
    """Whether any text in the value has one, names of an object included."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if "\0" in item:
                return True
        elif isinstance(item, dict):
            waiting.extend(item)
            waiting.extend(item.values())
        elif isinstance(item, list | tuple):
            waiting.extend(item)
    return False
