"""A small table behind the hub's ports: entries of users, and announcements that everyone sees."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from tidings.realtime.doorbell import Payload, Ring
from tidings.realtime.ports import Change, ChangeKind, Changes, Head, Position, ResetReason


@dataclass
class Entry:
    id: int
    value: int
    revision: int
    born_revision: int
    is_deleted: bool = False


@dataclass
class Log:
    revision: int = 0
    floor: int = 0
    entries: dict[int, Entry] = field(default_factory=dict)

    @property
    def live(self) -> dict[int, int]:
        return {entry.id: entry.value for entry in self.entries.values() if not entry.is_deleted}


class Table:
    """The truth. `refuse` makes the next statements fail, `gate` holds answers up once they are found."""

    def __init__(self) -> None:
        self.epoch = "one"
        self.logs: defaultdict[UUID, Log] = defaultdict(Log)
        self.announcements: list[str] = []
        self.statements: list[str] = []
        self.refuse = 0
        self.has_cursors = True
        self.padding: dict[str, str] = {}
        self.gone: set[UUID] = set()
        self.gate = asyncio.Event()
        self.gate.set()

    def write(self, user_id: UUID, id: int, value: int) -> Ring:
        """Create or change an entry, in one commit."""
        log = self.logs[user_id]
        log.revision += 1
        known = log.entries.get(id)
        is_new = known is None or known.is_deleted
        born = log.revision if is_new or known is None else known.born_revision
        log.entries[id] = Entry(id, value, log.revision, born)
        return self._ring(user_id, log, "new_notification" if is_new else "updated", self._shown(log.entries[id]))

    def delete(self, user_id: UUID, id: int) -> Ring:
        """Remove an entry, leaving its tombstone."""
        log = self.logs[user_id]
        log.revision += 1
        log.entries[id].is_deleted = True
        log.entries[id].revision = log.revision
        return self._ring(user_id, log, "deleted", {"id": id})

    def write_all(self, user_id: UUID, value: int) -> Ring:
        """Change every live entry in one commit that takes as many revisions: one frame may stand for them."""
        log = self.logs[user_id]
        first = log.revision + 1
        for entry in log.entries.values():
            if not entry.is_deleted:
                log.revision += 1
                entry.revision, entry.value = log.revision, value
        data = msgspec.json.encode({"value": value, "affected_count": log.revision - first + 1})
        payload = Payload("all_read", data, len(log.live), len(log.live))
        return Ring(user_id, first, log.revision, payload)

    def purge(self, user_id: UUID) -> None:
        """Forget tombstones."""
        log = self.logs[user_id]
        removed = [entry for entry in log.entries.values() if entry.is_deleted]
        log.floor = max([log.floor, *(entry.revision for entry in removed)])
        for entry in removed:
            del log.entries[entry.id]

    def announce(self, text: str) -> Ring:
        """Tell everyone, in one row."""
        self.announcements.append(text)
        return Ring(None, len(self.announcements), len(self.announcements))

    def restore(self) -> None:
        """Go back to a backup: another epoch, fewer changes."""
        self.epoch += "'"
        for log in self.logs.values():
            log.entries = {id: entry for id, entry in log.entries.items() if entry.revision <= log.revision // 2}
            log.revision //= 2

    def cursor(self, position: Position) -> str:
        if not self.has_cursors:
            raise LookupError("no cursor")
        return f"{position.epoch}.{position.revision}.{position.shared}"

    def parse_cursor(self, text: str) -> Position | None:
        epoch, _, rest = text.partition(".")
        revision, _, shared = rest.partition(".")
        return Position(epoch, int(revision), int(shared)) if revision.isdigit() and shared.isdigit() else None

    def head(self, user_id: UUID) -> Head:
        log = self.logs[user_id]
        return Head(self._position(log.revision), log.floor, len(log.live), len(log.live))

    async def heads(self, user_ids: Collection[UUID], /) -> Mapping[UUID, Head]:
        await self._statement("heads")
        found = {user_id: self.head(user_id) for user_id in user_ids if user_id not in self.gone}
        await self.gate.wait()
        return found

    async def read(self, user_id: UUID, since: Position, limit: int, /) -> Changes:
        await self._statement("read")
        found = self.changes(user_id, since, limit)
        await self.gate.wait()
        return found

    def changes(self, user_id: UUID, since: Position, limit: int) -> Changes:
        log = self.logs[user_id]
        if since.epoch != self.epoch or since.revision < log.floor:
            reason = ResetReason.TOO_OLD if since.epoch == self.epoch else ResetReason.EPOCH_CHANGED
            return Changes((), since, reset=reason)
        unread = len(log.live)
        changes = []
        for number, text in enumerate(self.announcements[since.shared :], since.shared + 1):
            position = Position(since.epoch, since.revision, number)
            data = msgspec.json.encode(text)
            changes.append(Change(ChangeKind.ANNOUNCEMENT, "new_announcement", data, position, unread, unread))
        shared = len(self.announcements)
        later = sorted((e for e in log.entries.values() if e.revision > since.revision), key=lambda e: e.revision)
        for entry in later[:limit]:
            position = Position(since.epoch, entry.revision, shared)
            event = "new_notification" if entry.born_revision > since.revision else "updated"
            event = "deleted" if entry.is_deleted else event
            shown = msgspec.json.encode({"id": entry.id} if entry.is_deleted else self._shown(entry))
            changes.append(Change(ChangeKind.NOTIFICATION, event, shown, position, unread, unread))
        has_more = len(later) > limit
        revision = later[limit - 1].revision if has_more else log.revision
        return Changes(changes, Position(since.epoch, revision, shared), has_more)

    async def _statement(self, name: str) -> None:
        self.statements.append(name)
        await asyncio.sleep(0)
        if self.refuse:
            self.refuse -= 1
            raise ConnectionRefusedError("the database restarts")

    def _position(self, revision: int) -> Position:
        return Position(self.epoch, revision, len(self.announcements))

    def _shown(self, entry: Entry) -> dict[str, object]:
        return {"id": entry.id, "value": entry.value, **self.padding}

    def _ring(self, user_id: UUID, log: Log, event: str, data: object) -> Ring:
        counters = len(log.live)
        payload = Payload(event, msgspec.json.encode(data), counters, counters)
        return Ring(user_id, log.revision, log.revision, payload)
