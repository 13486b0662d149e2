"""What the open streams of one user have in common: the newest known position, and the changes just rung."""

from collections.abc import Callable
from uuid import UUID

from tidings.realtime.doorbell import Payload, Ring
from tidings.realtime.frames import Frame
from tidings.realtime.ports import Change, ChangeKind, Head, Position

MAX_RECENT = 32


class _Recent:
    """A rung change; its frame is made once for all streams that stand right before it."""

    __slots__ = ("frame", "last", "made_at", "payload")

    def __init__(self, last: int, payload: Payload) -> None:
        self.last = last
        self.payload = payload
        self.frame: Frame | None = None
        self.made_at: Position | None = None


class Feed:
    """What this node knows of one user's log. The table knows better; a feed only says when to look there."""

    __slots__ = ("_recent", "epoch", "revision", "shared", "unread", "unseen", "user_id")

    def __init__(self, user_id: UUID) -> None:
        self.user_id = user_id
        self.epoch: str | None = None
        self.revision = 0
        self.shared = 0
        self.unread = 0
        self.unseen = 0
        self._recent: dict[int, _Recent] | None = None

    def hear(self, ring: Ring) -> None:
        """Note a ring; one that was heard before, or after a later one, changes nothing."""
        if ring.user_id is None:
            self.shared = max(self.shared, ring.last)
            return
        # Before the first head it is unknown which epoch the content belongs to.
        if ring.payload is not None and self.epoch is not None:
            if self._recent is None or len(self._recent) >= MAX_RECENT:
                self._recent = {}  # whoever is that far behind reads the table
            self._recent.setdefault(ring.first, _Recent(ring.last, ring.payload))
        self.revision = max(self.revision, ring.last)

    def learn(self, head: Head) -> None:
        """Note what the table says; an answer older than a ring changes nothing, another epoch everything."""
        position = head.position
        if self.epoch is not None and self.epoch != position.epoch:
            self.revision = self.shared = 0
            self._recent = None
        self.epoch = position.epoch
        if position.revision >= self.revision:
            self.revision = position.revision
            self.unread, self.unseen = head.unread, head.unseen
        self.shared = max(self.shared, position.shared)

    def is_ahead_of(self, position: Position) -> bool:
        """Whether there is something after this position, as far as known."""
        return self.revision > position.revision or self.shared > position.shared or self.epoch != position.epoch

    def next_frame(self, position: Position, encode: Callable[[Change], Frame]) -> tuple[Frame, Position] | None:
        """The rung change that directly follows this position, and where it leads."""
        recent = self._recent and self._recent.get(position.revision + 1)
        if not recent or self.epoch != position.epoch:
            return None
        after = position._replace(revision=recent.last)
        payload = recent.payload
        if recent.frame is None or recent.made_at != after:
            change = Change(ChangeKind.NOTIFICATION, payload.event, payload.data, after, payload.unread, payload.unseen)
            recent.frame, recent.made_at = encode(change), after
        if recent.last >= self.revision:
            self.unread, self.unseen = payload.unread, payload.unseen
        return recent.frame, after

    def believe_table(self, position: Position, *, heard: tuple[int, int]) -> None:
        """A read found nothing after `position`: take back what was `heard` before it, unless more was rung since."""
        if heard == (self.revision, self.shared):
            self.revision, self.shared = position.revision, position.shared

    @property
    def has_recent(self) -> bool:
        return bool(self._recent)

    def forget_recent(self) -> None:
        """Every stream is past what was rung."""
        self._recent = None
