"""The messages a server sends on a stream (API.md, Streams), each encoded once for everyone who gets it."""

from datetime import datetime

import msgspec

_encoder = msgspec.json.Encoder()


class Frame:
    """One message: its type, the cursor after applying it, its JSON, and its wire forms, made when first asked for."""

    __slots__ = ("_event", "_text", "_websocket", "body", "cursor", "retry_ms", "type")

    def __init__(self, type: str, body: bytes, cursor: str | None = None, retry_ms: int | None = None) -> None:
        self.type = type
        self.body = body
        self.cursor = cursor
        self.retry_ms = retry_ms
        self._text: str | None = None
        self._websocket: bytes | None = None
        self._event: bytes | None = None

    @property
    def text(self) -> str:
        if self._text is None:
            self._text = self.body.decode()
        return self._text

    @property
    def websocket(self) -> bytes:
        """One unmasked, final text frame (RFC 6455 §5.2)."""
        if self._websocket is None:
            self._websocket = _websocket_header(len(self.body)) + self.body
        return self._websocket

    @property
    def event(self) -> bytes:
        """One server-sent event (HTML, §9.2.6)."""
        if self._event is None:
            retry = b"" if self.retry_ms is None else b"retry: %d\n" % self.retry_ms
            id = b"" if self.cursor is None else b"id: %s\n" % self.cursor.encode()
            data = b" ".join(self.body.splitlines())  # in JSON a raw line break can only stand between tokens
            self._event = b"%s%sevent: %s\ndata: %s\n\n" % (retry, id, self.type.encode(), data)
        return self._event


class _Connected(msgspec.Struct, tag_field="type", tag="connected"):
    cursor: str
    unread_count: int
    unseen_count: int
    heartbeat_s: float
    timestamp: datetime


class _Changed(msgspec.Struct):
    type: str
    event: str
    data: msgspec.Raw
    cursor: str
    unread_count: int
    unseen_count: int
    timestamp: datetime


class _Custom(msgspec.Struct, tag_field="type", tag="custom"):
    data: object
    timestamp: datetime


class _Ping(msgspec.Struct, tag_field="type", tag="ping"):
    cursor: str
    unread_count: int
    timestamp: datetime


class _Reset(msgspec.Struct, tag_field="type", tag="reset"):
    reason: str
    timestamp: datetime


class _Goodbye(msgspec.Struct, tag_field="type", tag="goodbye"):
    retry_ms: int


def connected(*, cursor: str, unread: int, unseen: int, heartbeat_s: float, now: datetime) -> Frame:
    """The stream is open and starts from `cursor`."""
    whole = int(heartbeat_s) if heartbeat_s == int(heartbeat_s) else heartbeat_s
    return Frame("connected", _encoder.encode(_Connected(cursor, unread, unseen, whole, now)), cursor)


def changed(*, type: str, event: str, data: bytes, cursor: str, unread: int, unseen: int, now: datetime) -> Frame:
    """Something in the inbox changed; `data` is JSON already."""
    frame = _Changed(type, event, msgspec.Raw(data), cursor, unread, unseen, now)
    return Frame(type, _encoder.encode(frame), cursor)


def custom(data: object, *, now: datetime) -> Frame:
    """A transient message of the host's own."""
    return Frame("custom", _encoder.encode(_Custom(data, now)))


def ping(*, cursor: str, unread: int, now: datetime) -> Frame:
    """Proof of life, and where the device should stand."""
    return Frame("ping", _encoder.encode(_Ping(cursor, unread, now)), cursor)


def reset(reason: str, *, now: datetime) -> Frame:
    """What the device holds cannot be brought up to date step by step."""
    return Frame("reset", _encoder.encode(_Reset(reason, now)))


def goodbye(retry_ms: int) -> Frame:
    """The server is about to stop; come back after this long."""
    return Frame("goodbye", _encoder.encode(_Goodbye(retry_ms)), retry_ms=retry_ms)


def _websocket_header(length: int) -> bytes:
    if length < 126:
        return bytes((0x81, length))
    if length < 65_536:
        return b"\x81\x7e" + length.to_bytes(2)
    return b"\x81\x7f" + length.to_bytes(8)
