"""The errors a user is meant to read: each says what is wrong, where, and what to do. Anything else is a bug."""

from __future__ import annotations


class GoldworksError(Exception):
    """An error with a remedy. `str(error)` is complete: what, where (file, line, key), and the way out."""

    def __init__(self, what: str, *, remedy: str | None = None) -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(what if remedy is None else f"{what}\n  To mend it: {remedy}")


class PolicyError(GoldworksError):
    """A YAML file in `expectations/` that cannot be used."""


class InputError(GoldworksError):
    """Something the user named (file, version, run, URL) that is absent or unusable."""


class BusyError(GoldworksError):
    """Another process holds what this one needs."""
