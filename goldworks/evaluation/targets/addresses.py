"""Addresses and keys of endpoints: what may stand in a file, and what comes from the environment alone."""

from __future__ import annotations

from urllib.parse import urlsplit

from goldworks.errors import InputError
from goldworks.settings import secret

VARIABLE = r"^[A-Z][A-Z0-9_]*$"
"""Pattern of names of environment variables."""


def checked_url(value: str) -> str:
    """`value` if it is a plain http(s) address. A user, password or query in it could be a secret, and addresses are stored.

    Raises `ValueError`, without the value.
    """
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must begin with http:// or https:// and name a host")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ValueError("must hold no user, password, query or fragment; keys belong into the environment: api_key_env")
    return value


def required_secret(target: str, variable: str) -> str:
    """What the environment variable holds. Raises `InputError` when it is not set."""
    value = secret(variable)
    if value is None:
        raise InputError(f"target {target}: the environment variable {variable} is not set", remedy=f"export {variable}=...")
    return value


def reached_at(target: str, written: str, variable: str | None, given: str | None) -> str:
    """Where an endpoint is reached: the address given, else the variable's, else the file's. Raises `InputError`."""
    found = given or (secret(variable) if variable is not None else None)
    if found is None:
        return written
    try:
        return checked_url(found)
    except ValueError as error:
        raise InputError(f"target {target}: {variable if given is None else 'base URL'}: {error}") from None
