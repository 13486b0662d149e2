"""How much is measured: the usual run, and a quick one that only shows that everything works."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Rounds, seconds a measurement takes, and how large things are."""

    rounds: int = 3
    seconds: float = 4.0
    warm_up_s: float = 1.0
    clients: int = 16
    users: int = 1_000
    rows: int = 1_000_000
    """Notifications in the large database; a fifth of them are one person's."""
    smallest: int = 1_000
    """Where the growth curve begins; it goes on in steps of ten up to `rows`."""
    many: int = 1_000
    """Recipients of one call."""
    fan_out: int = 2_000
    """Sockets that hear one message."""
    messages: int = 30
    """Messages to all of them, each after the one before has arrived."""
    idle: int = 10_000
    """Idle sockets of one process."""
    per_second: int = 500
    """Calls a second while the time from call to frame is measured."""
    deliveries: int = 20_000
    marked: int = 10_000
    """Entries marked as read by one call."""
    sign_ins: int = 1_000
    """Accounts that sign in; each round others."""
    flood: int = 500
    """Sign-ins that arrive at once."""
    pairs: int = 500
    """Pairs of a known and an unknown name, whose times are compared."""

    @property
    def growth(self) -> tuple[int, ...]:
        """The sizes of the database at which the growth curve has a point."""
        steps, size = [], self.smallest
        while size < self.rows:
            steps.append(size)
            size *= 10
        return (*steps, self.rows)


QUICK = Sizes(
    rounds=1,
    seconds=0.3,
    warm_up_s=0.1,
    clients=4,
    users=20,
    rows=2_000,
    smallest=200,
    many=50,
    fan_out=20,
    messages=3,
    idle=40,
    per_second=40,
    deliveries=200,
    marked=100,
    sign_ins=20,
    flood=60,
    pairs=4,
)
