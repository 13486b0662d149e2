"""The messages a client sends on a stream."""

import msgspec

MAX_CLIENT_FRAME_BYTES = 16 * 1024


class ClientFrame(msgspec.Struct, frozen=True):
    """`pong`, `resume` with a cursor, `auth` with a token; any other type is ignored."""

    type: str = ""
    since: str | None = None
    token: str | None = None


_decoder = msgspec.json.Decoder(ClientFrame)
_NOT_UNDERSTOOD = ClientFrame()


def read_client_frame(text: str | bytes) -> ClientFrame:
    """The message, or an empty one for what is not understood."""
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError):
        return _NOT_UNDERSTOOD


def is_too_large(text: str | bytes) -> bool:
    """Whether a message is longer than a client may send, in bytes of UTF-8."""
    if isinstance(text, bytes) or len(text) > MAX_CLIENT_FRAME_BYTES:
        return len(text) > MAX_CLIENT_FRAME_BYTES
    return len(text) * 4 > MAX_CLIENT_FRAME_BYTES and len(text.encode()) > MAX_CLIENT_FRAME_BYTES
