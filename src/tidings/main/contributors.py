"""What other packages add to what accounts says of a person. Another one is another entry."""

from tidings.accounts.contributors import Contributors
from tidings.notifications.exporting import EXPORTED


def contributors() -> Contributors:
    """Everybody who keeps something of people and tells of it."""
    return Contributors(sections=EXPORTED)
