"""What the assets are given: the installation, with its policies and the adapters to outside systems wired in."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import dagster as dg

from goldworks.adapters.tracking import Tracking
from goldworks.adapters.warehouse import Warehouse
from goldworks.errors import InputError
from goldworks.home import Home
from goldworks.intake.policy import load_intake_policy
from goldworks.intake.take import Source
from goldworks.redaction import Redactor
from goldworks.settings import PROJECT_ROOT, Settings, load_settings
from goldworks.use_cases import UseCases, load_use_cases

DBT_PROJECT = PROJECT_ROOT / "dbt_project"


class Goldworks(dg.ConfigurableResource):
    """One installation of Goldworks. Settings come from the environment (`GOLDWORKS_*`), policies from `expectations/`."""

    @cached_property
    def settings(self) -> Settings:
        """Settings from the environment."""
        return load_settings()

    @cached_property
    def home(self) -> Home:
        """The home folder, made if need be."""
        return Home(self.settings).prepare()

    @property
    def expectations(self) -> Path:
        """The folder of the policies."""
        return self.settings.expectations

    @cached_property
    def source(self) -> Source:
        """Where the logs come from."""
        folder = self.home.logs()
        if folder is None:
            raise InputError("this home has no log folder yet", remedy="set GOLDWORKS_LOGS, or use: goldworks run --logs DIR")
        policy = load_intake_policy(self.expectations)
        return Source(folder, self.expectations, policy, self.home.names, self.settings.workers, self.home.region)

    @cached_property
    def use_cases(self) -> UseCases:
        """Use cases with owner, tier and plan."""
        return load_use_cases(self.expectations / "use_cases.yml")

    @property
    def redactor(self) -> Redactor:
        """The redactor for answers and leak checks."""
        return self.home.redactor

    @cached_property
    def tracking(self) -> Tracking:
        """MLflow."""
        from goldworks.adapters.tracking import MlflowTracking

        return MlflowTracking(self.home.root, self.expectations)

    @cached_property
    def warehouse(self) -> Warehouse:
        """The dbt warehouse."""
        return Warehouse(self.home.root, DBT_PROJECT, self.expectations)
