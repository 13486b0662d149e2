"""Every setting, from environment variables (`TIDINGS_…`), a `.env` file, or `tidings.toml`; docs list each."""

import os
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from tidings.kernel.crypto import Keyring, new_key_text, parse_keys

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgres": "postgresql+asyncpg", "postgresql": "postgresql+asyncpg"}


class SettingsError(ValueError):
    """The configuration cannot work; the message says what to change."""


class Settings(BaseSettings):
    """The configuration of one process."""

    model_config = SettingsConfigDict(
        env_prefix="TIDINGS_", env_file=".env", toml_file="tidings.toml", extra="ignore", frozen=True
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
    docs: str = Field("public", pattern="^(public|admin|off)$", description="Who may read the API description.")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="How much is logged.")
    pool_size: int = Field(
        10, ge=1, le=200, description="Database connections kept per process; as many again on demand."
    )
    sweep_interval_s: float = Field(
        1.0, gt=0, le=3600, description="How often ends of snoozes and expiries are looked for, in seconds."
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

    @field_validator("allowed_origins")
    @classmethod
    def _exact(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            parts = urlsplit(origin)
            if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path or "*" in origin:
                raise ValueError(f"{origin!r} is not an origin such as https://app.example.org")
        return value

    @field_validator("base_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise ValueError("must be an absolute http or https address")
        return value.rstrip("/")

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


def load_keyring(settings: Settings) -> Keyring:
    """The secret keys: as set, or on SQLite made once and kept in the data dir (mode 0600).

    Raises SettingsError on PostgreSQL without keys, because each node would make its own; WeakKey for weak ones.
    """
    if settings.secret_keys:
        return parse_keys(settings.secret_keys)
    if not settings.database.startswith("sqlite"):
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
