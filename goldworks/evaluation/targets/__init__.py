"""The kinds of targets, one a file. A new kind: its file, with a policy that has `kind`, and its line in `KINDS`.

A kind from elsewhere is a class `package.module:Name` with its policy as `Policy`, made as `Name(name of its file, policy)`; or
the name of an entry point of the group `goldworks.targets`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import RootModel

from goldworks.errors import InputError
from goldworks.evaluation.plugins import load, reference_of
from goldworks.evaluation.prices import PriceTable
from goldworks.evaluation.targets.callable_target import CallablePolicy, CallableTarget
from goldworks.evaluation.targets.http_json import HttpJsonPolicy, HttpJsonTarget
from goldworks.evaluation.targets.openai_chat import OpenAIChatPolicy, OpenAIChatTarget
from goldworks.evaluation.targets.protocol import Limits, Session, Target
from goldworks.evaluation.targets.recorded import RecordedPolicy, RecordedTarget
from goldworks.evaluation.targets.replay import ReplayPolicy, ReplayTarget
from goldworks.policies import Policy, load_policy

KINDS: dict[str, tuple[type[Any], type[Any]]] = {
    "recorded": (RecordedPolicy, RecordedTarget),
    "openai_chat": (OpenAIChatPolicy, OpenAIChatTarget),
    "http_json": (HttpJsonPolicy, HttpJsonTarget),
    "callable": (CallablePolicy, CallableTarget),
    "replay": (ReplayPolicy, ReplayTarget),
}
"""Kind of target -> (its policy, the target)."""

GROUP = "goldworks.targets"
"""Entry point group of target kinds that installed packages bring."""


class _Kind(RootModel[dict[str, Any]]):
    """Any mapping: read first, to see the kind."""


def load_target(path: Path, release: str | None = None, base_url: str | None = None, prices: PriceTable | None = None) -> Target:
    """The target that a YAML file configures. `release` overrides the release whose recorded answers are looked up.

    `base_url` says where an endpoint is reached today (a model server on a free port, say). It is no part of the target's
    configuration: the same model at another address gives the same digests. See `OpenAIChatPolicy`. `prices` say what tokens
    of its model cost when its file does not.

    Raises `PolicyError` for a broken file, `InputError` for a `base_url` that the kind cannot take.
    """
    kind = load_policy(path, _Kind).root.get("kind")  # type: ignore[type-var]
    policy_type, target_type = KINDS[kind] if kind in KINDS else _plugged(path, kind)
    policy = load_policy(path, policy_type)
    if release is not None and kind == "recorded":
        policy = policy.model_copy(update={"release": release})
    target = target_type(path.stem, policy)
    is_endpoint = isinstance(target, OpenAIChatTarget | HttpJsonTarget | ReplayTarget)
    if is_endpoint and prices is not None and target.model is not None:
        target = target.priced(prices.of(target.model))
    if base_url is None:
        return target
    if not is_endpoint:
        raise InputError(f"target {path.stem} is of kind {kind} and has no base URL", remedy="leave it out")
    return target.at_url(base_url)


def _plugged(path: Path, kind: Any) -> tuple[type[Any], type[Any]]:
    """Policy and target of a kind from elsewhere."""
    try:
        found = load(reference_of(str(kind), GROUP, KINDS, "target kind"))
    except InputError as error:
        raise InputError(f"{path}: kind: {error.what}", remedy=error.remedy) from error
    policy = getattr(found, "Policy", None)
    if not (isinstance(policy, type) and issubclass(policy, Policy) and "kind" in policy.model_fields):
        raise InputError(f"{path}: kind: {kind} is no target", remedy="name a class with a `Policy` that has a field `kind`")
    return policy, found


__all__ = ["KINDS", "Limits", "Session", "Target", "load_target"]
