"""What the environment may say, and the one place that reads or sets it. Everything else takes a `Settings`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from goldworks.errors import InputError

PROJECT_ROOT = Path(__file__).resolve().parent.parent

HOST = "127.0.0.1"
"""The only address that our servers listen on."""

CLOSED_NETWORK = {
    "DAGSTER_DISABLE_TELEMETRY": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ASYNC_TRACE_LOGGING": "false",  # its queue drops traces when it is full
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_SQLALCHEMYSTORE_POOLCLASS": "NullPool",  # the default pool loses writes on SQLite with only a warning
    "DO_NOT_TRACK": "1",
}
"""Switches that keep each dependency from calling home; each was found by watching its sockets."""


class Settings(BaseSettings):
    """Settings of one installation, from `GOLDWORKS_*` variables; an empty one is as none. Defaults make a working local one."""

    model_config = SettingsConfigDict(env_prefix="GOLDWORKS_", env_ignore_empty=True, extra="ignore", frozen=True)

    home: Path = Field(default=Path(".goldworks"), description="everything Goldworks writes lies below this folder")
    logs: str | None = Field(default=None, description="log folder or fsspec URL; `run --logs` remembers it in the home")
    names: Literal["policy", "off"] = Field(default="policy", description="who finds names: `policy` says it, or nobody (faster)")
    workers: int = Field(default=2, ge=0, le=64, description="processes that read and redact; 0: none but this one")
    pages_port: int = Field(default=3001, ge=1, le=65535, description="where `goldworks ui` serves Data Docs and the marts' docs")
    expectations: Path = Field(default=PROJECT_ROOT / "expectations", description="folder of the policies")
    region: str | None = Field(
        default=None,
        pattern=r"^[a-z][a-z0-9_-]{0,31}$",
        description="where the data of this home belongs; the home remembers it, and retention.yml knows it",
    )

    @property
    def root(self) -> Path:
        """The home folder, absolute."""
        return self.home.expanduser().resolve()


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment, with `overrides` on top. Raises `InputError` naming each variable that cannot be used."""
    try:
        return Settings(**{key: value for key, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        wrong = "\n".join(f"GOLDWORKS_{str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors())
        raise InputError(wrong, remedy="set it to something else, or unset it for the default") from None


def secret(name: str) -> str | None:
    """A secret from the environment, or None. Never log or store what this returns."""
    return os.environ.get(name) or None


TRUSTED_KEYS = "GOLDWORKS_TRUSTED_KEYS"


def trusted_key_ids() -> frozenset[str]:
    """Ids of the keys of other homes whose approvals, waivers and sign-offs count in this one, from a list with commas."""
    return frozenset(part.strip() for part in os.environ.get(TRUSTED_KEYS, "").split(",") if part.strip())


def fault_wanted() -> str | None:
    """Name of the fault point at which a test wants this process to die (see `goldworks.faults`)."""
    return os.environ.get("GOLDWORKS_FAULT")


def close_network(settings: Settings) -> None:
    """Set the switches of `CLOSED_NETWORK` and point the tools' own homes into ours. Idempotent."""
    for key, value in CLOSED_NETWORK.items():
        os.environ.setdefault(key, value)
    os.environ["GOLDWORKS_HOME"] = str(settings.root)
    os.environ["DAGSTER_HOME"] = str(settings.root / "dagster")


def one_thread_each() -> None:
    """Tell the linear algebra of processes started from here to keep to one thread: they are as many as there are cores."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def switches() -> dict[str, str | None]:
    """The switches of `CLOSED_NETWORK` as they are set now."""
    return {name: os.environ.get(name) for name in CLOSED_NETWORK}


def child_environment(settings: Settings, **extra: str) -> dict[str, str]:
    """Environment for a child process (dbt, a server): ours, the switches, and `extra`."""
    close_network(settings)
    return {**os.environ, **extra}
