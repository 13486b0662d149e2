"""The path of BASE_URL: people reach this server under it, whatever the proxy in front does with it."""

from starlette.types import ASGIApp, Receive, Scope, Send


class BasePath:
    """Has every request begin with `path`, which becomes its root path: a proxy may pass it on or cut it off.

    So does a request of an app in which this one is mounted, because that may stand behind such a proxy itself.
    """

    def __init__(self, app: ASGIApp, *, path: str) -> None:
        self.app = app
        self.path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"}:
            mounted = _below(scope["path"], scope.get("root_path", ""))
            scope = {**scope, "root_path": self.path, "path": self.path + _below(mounted, self.path)}
        await self.app(scope, receive, send)


def _below(path: str, root: str) -> str:
    """The rest of a path that begins with this root; any other path as it is."""
    if path != root and not path.startswith(f"{root}/"):
        return path
    return path[len(root) :] or "/"
