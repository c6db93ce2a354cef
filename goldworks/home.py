"""The home folder: what lies where below `GOLDWORKS_HOME`, made on first use with rights for its owner only."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from goldworks.access.file_rights import keep_private
from goldworks.access.key_ring import IdentityKeys, Ring, load_ring
from goldworks.access.keys import load_key
from goldworks.errors import InputError
from goldworks.lake import Lake
from goldworks.settings import HOST, Settings, close_network, load_settings

if TYPE_CHECKING:
    from goldworks.access.audit_log import AuditLog
    from goldworks.access.signing import Signer
    from goldworks.redaction import NamesSetting, Redactor
    from goldworks.suppression import Suppressions

UNUSABLE = frozenset("%?[]|^\\")
"""In a home's path: Delta, Dagster and MLflow make URLs and globs of it, and then miss their files or write beside them."""


class Home:
    """One installation's folders. Constructing it makes nothing; `prepare` does."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.root = settings.root

    @property
    def dagster(self) -> Path:
        """Dagster's instance: runs, events, schedules."""
        return self.root / "dagster"

    @property
    def mlflow(self) -> Path:
        """MLflow's database and artifacts."""
        return self.root / "mlflow"

    @property
    def pages(self) -> Path:
        """Pages about the data, without any text of conversations: all that `goldworks ui` serves of the home."""
        return self.root / "pages"

    def page_url(self, page: Path) -> str:
        """Where `goldworks ui` serves a file below `pages`."""
        return f"http://{HOST}:{self.settings.pages_port}/{page.relative_to(self.pages).as_posix()}"

    @property
    def data_docs(self) -> Path:
        """Great Expectations' pages."""
        return self.pages / "data_docs"

    @property
    def marts(self) -> Path:
        """The published marts."""
        return self.root / "marts.duckdb"

    @cached_property
    def lake(self) -> Lake:
        """The tables."""
        return Lake(self.root)

    @cached_property
    def key(self) -> bytes:
        """The key of content ids; made on first use."""
        return load_key(self.root)

    @property
    def ring(self) -> Ring:
        """The keys that hash values of people, users and sessions, of all generations; read anew, for they may be rotated."""
        return load_ring(self.root, self.key)

    @property
    def identities(self) -> IdentityKeys:
        """The generation of them that is in use."""
        return self.ring.current

    @cached_property
    def signer(self) -> Signer:
        """The installation's signature."""
        from goldworks.access.signing import Signer

        return Signer(self.root)

    @cached_property
    def audit_log(self) -> AuditLog:
        """What was erased, rotated, read from the vault; which policies changed."""
        from goldworks.access.audit_log import AuditLog

        return AuditLog(self.root, self.signer)

    @property
    def redactor(self) -> Redactor:
        """The redactor of answers, imports and leak checks, by the policy and the installation's setting of names."""
        from goldworks.redaction import load_redactor

        policy = self.settings.expectations / "policies" / "redaction.yml"
        erased = self.suppressions.values()
        return load_redactor(policy, self.key, self.names, self.identities, erased, cache=self.cache)

    @property
    def suppressions(self) -> Suppressions:
        """What was erased on request and must not come in again."""
        from goldworks.suppression import Suppressions

        return Suppressions(self.root, self.ring)

    @property
    def cache(self) -> Path:
        """What saves time and can be deleted."""
        return self.root / "cache"

    @cached_property
    def names(self) -> NamesSetting:
        """Who finds names in this installation."""
        if self.settings.names == "off":
            return "off"
        from goldworks.adapters.names import engines

        return engines(self.cache)

    @property
    def region(self) -> str | None:
        """Where the data of this home belongs, as noted on first use, else as the environment says; None: nowhere special."""
        noted = self.root / "region"
        return noted.read_text(encoding="ascii").strip() if noted.exists() else self.settings.region

    def _note_region(self) -> None:
        """Raises `InputError` when this is the home of another region: one home holds the data of one region."""
        wanted = self.settings.region
        if wanted is None:
            return
        noted = self.root / "region"
        if not noted.exists():
            draft = noted.with_suffix(".new")
            draft.write_text(f"{wanted}\n", encoding="ascii")
            draft.replace(noted)
        elif self.region != wanted:
            raise InputError(
                f"{self.root} is the home of region {self.region}, not of {wanted}",
                remedy=f"set GOLDWORKS_HOME to the home of {wanted}, or GOLDWORKS_REGION={self.region}",
            )

    def prepare(self) -> Home:
        """Make the folders, private to the owner; return self. Raises `InputError` for a home that cannot be used.

        All that this process and its children write from here on, wherever it lies, is private as well.
        """
        keep_private()
        if wrong := sorted({char for char in str(self.root) if char in UNUSABLE or not char.isprintable()}):
            raise InputError(
                f"the home folder {self.root} has characters in its name that databases cannot open: {' '.join(wrong)}",
                remedy="set GOLDWORKS_HOME to a folder without them",
            )
        for folder in (self.root, self.dagster, self.mlflow, self.pages, self.data_docs):
            try:
                folder.mkdir(parents=True, exist_ok=True)
                folder.chmod(0o700)
            except OSError as error:
                raise InputError(
                    f"cannot write to the home folder {folder}: {error.strerror}",
                    remedy="set GOLDWORKS_HOME to a folder you may write to",
                ) from None
        self._note_region()
        return self

    @property
    def _logs_note(self) -> Path:
        return self.root / "logs_location"

    def logs(self) -> str | None:
        """The log folder of this home: `GOLDWORKS_LOGS`, else what `remember_logs` noted, else None."""
        if self.settings.logs:
            return _absolute(self.settings.logs)
        return self._logs_note.read_text(encoding="utf-8").strip() if self._logs_note.exists() else None

    def remember_logs(self, folder: str) -> str:
        """Note the log folder; return it in absolute form. A home keeps to one folder, for its file names are ids.

        Raises `InputError` when files of another folder were taken into this home, or `GOLDWORKS_LOGS` names another.
        """
        folder = _absolute(folder)
        if self.settings.logs and (named := _absolute(self.settings.logs)) != folder:
            raise InputError(f"GOLDWORKS_LOGS names {named}, not {folder}", remedy="unset it, or leave out --logs")
        noted = self._logs_note.read_text(encoding="utf-8").strip() if self._logs_note.exists() else folder
        if noted != folder and self.lake.read("logs.arrivals", ["source"]).num_rows:
            raise InputError(
                f"{self.root} holds the logs of {noted}, not of {folder}",
                remedy="use another home for other logs, for example GOLDWORKS_HOME=.goldworks-2; "
                f"or, if the folder was moved, write its new path into {self._logs_note}",
            )
        draft = self._logs_note.with_suffix(".new")
        draft.write_text(folder + "\n", encoding="utf-8")
        draft.replace(self._logs_note)
        return folder


def open_home() -> Home:
    """The home that the environment names, made if need be, with every dependency's way to the network closed."""
    settings = load_settings()
    close_network(settings)
    return Home(settings).prepare()


def _absolute(folder: str) -> str:
    if "://" not in folder:
        return str(Path(folder).expanduser().resolve())
    return folder if folder.endswith("://") else folder.rstrip("/")
