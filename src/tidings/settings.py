"""Every setting, from environment variables (`TIDINGS_…`), a `.env` file, or `tidings.toml`; docs list each."""

import os
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit, urlunsplit

import idna
from pydantic import Field, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from tidings.kernel.crypto import Keyring, new_key_text, parse_keys
from tidings.kernel.outbound.addresses import parse_networks
from tidings.kernel.outbound.types import IpNetwork

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgres": "postgresql+asyncpg", "postgresql": "postgresql+asyncpg"}


class SettingsError(ValueError):
    """The configuration cannot work; the message says what to change."""


class Settings(BaseSettings):
    """The configuration of one process."""

    model_config = SettingsConfigDict(
        env_prefix="TIDINGS_",
        env_file=".env",
        toml_file="tidings.toml",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,  # some settings are secrets
    )

    data_dir: Path = Field(Path("data"), description="Where SQLite, the generated key and kept mail live.")
    database_url: str = Field(
        "", description="`sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`; `tidings.db` in the data dir by default."
    )
    secret_keys: str = Field(
        "",
        repr=False,
        description="`<key id>:<32 bytes in base64>[,…]`: the first encrypts, all decrypt. "
        "Made and kept in the data dir on SQLite; required on PostgreSQL.",
    )
    base_url: str = Field(
        "http://127.0.0.1:8400", description="The address people reach this server at; links and cookies come from it."
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins of pages that embed the inbox, comma separated."
    )
    trusted_proxies: int = Field(
        0, ge=0, le=20, description="Proxies of yours in front of this server; 0: X-Forwarded-For has no effect."
    )
    rate_limit_store: str = Field(
        "memory",
        repr=False,
        pattern="^(memory|database|rediss?://.+)$",
        description="Where requests are counted: `memory` (each process for itself), `database`, or `redis://…`.",
    )
    rate_limit_sign_in: int = Field(
        60, ge=0, description="Attempts to get in that one address has in a minute; 0 for no limit."
    )
    rate_limit_user: int = Field(1_200, ge=0, description="Requests that one user has in a minute; 0 for no limit.")
    rate_limit_key: int = Field(30_000, ge=0, description="Requests that one API key has in a minute; 0 for no limit.")
    breached_passwords: str = Field(
        "",
        description="A file of stolen passwords that nobody may use: SHA-1 hashes in order, as haveibeenpwned.com has.",
    )
    docs: str = Field("public", pattern="^(public|admin|off)$", description="Who may read the API description.")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="How much is logged.")
    pool_size: int = Field(
        20, ge=2, le=200, description="How many database connections a process opens at most, and keeps."
    )
    sweep_interval_s: float = Field(
        1.0, gt=0, le=3600, description="How often ends of snoozes and expiries are looked for, in seconds."
    )
    worker: bool = Field(
        True, description="Whether `serve`, or a host's lifespan, sends deliveries and runs recurring tasks itself."
    )
    lease_s: float = Field(
        60.0,
        ge=2,
        le=3600,
        description="How long a delivery is its worker's without a sign of life, in seconds; renewed thrice within.",
    )
    smtp_url: str = Field(
        "",
        repr=False,
        description="The mail server, `smtp://user:password@host:587`; without one mail is kept in the data dir.",
    )
    smtp_connections: int = Field(4, ge=1, le=100, description="Mails sent at once by one process.")
    smtp_per_minute: int = Field(0, ge=0, description="Mails sent in a minute by one process at most; 0 for no limit.")
    mail_from: str = Field(
        "", description="The sender of every mail, `Tidings <tidings@…>` at the host of the base URL by default."
    )
    outbound_allow: Annotated[tuple[IpNetwork, ...], NoDecode] = Field(
        (), description="Networks that outgoing requests may reach although they are not public, comma separated."
    )
    heartbeat_s: float = Field(30.0, gt=0, le=300, description="How often a stream sends a ping, in seconds.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over `.env`, and that over `tidings.toml`."""
        return init_settings, env_settings, dotenv_settings, TomlConfigSettingsSource(settings_cls)

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        parts = [part.strip().rstrip("/") for part in value.split(",")] if isinstance(value, str) else value
        return [part for part in parts if part] if isinstance(parts, list) else parts

    @field_validator("outbound_allow", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        parts = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
        return parse_networks(filter(None, parts)) if isinstance(parts, list) else parts

    @field_validator("allowed_origins")
    @classmethod
    def _exact(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            parts = urlsplit(origin)
            if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path or "*" in origin:
                raise ValueError(f"{origin!r} is not an origin such as https://app.example.org")
        return tuple(map(_as_browsers_send_it, value))

    @field_validator("breached_passwords")
    @classmethod
    def _readable(cls, value: str) -> str:
        if value and not Path(value).is_file():
            raise ValueError(f"there is no file {value}")
        return value

    @field_validator("base_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise ValueError("must be an absolute http or https address")
        return _as_browsers_send_it(value.rstrip("/"))

    @property
    def database(self) -> str:
        """The database URL with the driver we use."""
        url = self.database_url or f"sqlite:///{self.data_dir.absolute() / 'tidings.db'}"
        scheme, separator, rest = url.partition("://")
        return _DRIVERS.get(scheme, scheme) + separator + rest

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def origin(self) -> str:
        """Scheme, host and port of `base_url`."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"


def load_keyring(settings: Settings, *, is_sqlite: bool) -> Keyring:
    """The secret keys: as set, or for a SQLite database made once and kept in the data dir (mode 0600).

    Raises SettingsError on PostgreSQL without keys, because each node would make its own; WeakKey for weak ones.
    """
    if settings.secret_keys:
        return parse_keys(settings.secret_keys)
    if not is_sqlite:
        raise SettingsError(
            "TIDINGS_SECRET_KEYS must be set when the database is not SQLite, the same on every node: "
            'export TIDINGS_SECRET_KEYS="k1:$(openssl rand -base64 32)"'
        )
    path = settings.data_dir / "secret_keys"
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return parse_keys(path.read_text())
    with os.fdopen(handle, "w") as file:
        file.write(new_key_text())
        file.flush()
        os.fsync(file.fileno())
    return parse_keys(path.read_text())


def _as_browsers_send_it(url: str) -> str:
    """The address with its host as A-labels (RFC 5891): so it stands in `Origin`, and passkeys are bound to it."""
    parts = urlsplit(url)
    if parts.netloc.isascii():
        return url
    try:
        host = idna.encode(parts.hostname or "", uts46=True).decode()
    except idna.IDNAError as error:
        raise ValueError(f"{parts.hostname!r} is no host name") from error
    return urlunsplit(parts._replace(netloc=host if parts.port is None else f"{host}:{parts.port}"))
