"""The complete configuration of a run, and the ids that follow from it."""

from __future__ import annotations

from typing import Any

import msgspec

from goldworks.digests import canonical, digest
from goldworks.evaluation.suites import Suite
from goldworks.evaluation.targets.protocol import Prepared, Target

ID_DIGITS = 24


class RunConfig(msgspec.Struct, frozen=True):
    """Everything that decides what a run measures. Limits and the occasion are not part of it."""

    version_id: str
    suite: dict[str, Any]
    scorer_digests: dict[str, str]
    target_name: str
    target: dict[str, Any]
    seed: int
    repeats: int

    @staticmethod
    def of(version_id: str, suite: Suite, target: Target, prepared: Prepared, seed: int, repeats: int) -> RunConfig:
        """The configuration of a run."""
        return RunConfig(
            version_id=version_id,
            suite=suite.model_dump(mode="json"),
            scorer_digests=suite.scorer_digests,
            target_name=target.name,
            target={"kind": target.kind, **prepared.configuration()},
            seed=seed,
            repeats=repeats,
        )

    @property
    def asked(self) -> list[Any]:
        """What decides the answers, without what scores them: runs that agree in it and in the occasion share their answers."""
        return asked_of(msgspec.to_builtins(self))

    @property
    def as_json(self) -> str:
        """Canonical JSON."""
        return canonical(msgspec.to_builtins(self)).decode()

    @property
    def digest(self) -> str:
        """Digest of the configuration, 64 hex digits."""
        return digest(msgspec.to_builtins(self))

    def run_id(self, occasion: str) -> str:
        """Id of the run on an occasion: the same occasion resumes it or finds it done, another asks the target anew."""
        return digest([self.digest, occasion])[:ID_DIGITS]

    def answers_id(self, occasion: str) -> str:
        """Id of the answers on an occasion: runs that ask the same and only score differently share them."""
        return digest([self.asked, occasion])[:ID_DIGITS]


def asked_of(config: dict[str, Any]) -> list[Any]:
    """The same of a configuration read back from its JSON."""
    return [config[name] for name in ("version_id", "target_name", "target", "seed", "repeats")]
