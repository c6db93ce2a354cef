"""What counts of production show: that a rate fell by so much between two windows, and how much of an error budget is spent.

These are no gates of a release. To show a fifth fewer hallucinations takes thousands of conversations in each window, so a
release is held to a margin on the golden set, and the programme to this.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from goldworks.policies import Policy, load_policy
from goldworks.statistics import Estimate
from goldworks.statistics.burn_rate import TOLERANCE, Window, budget, chance_of_as_many
from goldworks.statistics.rate_ratio import rate_ratio
from goldworks.use_cases import Tier

CONFIDENCE = 0.90
"""Two-sided: each end is a one-sided 95 % bound."""
BY_CHANCE = 0.05
"""A budget is overspent by more than chance where so many bad events are rarer than this when the objective is just met."""

Share = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]


class ProductionPolicy(Policy):
    """`expectations/policies/production.yml`; see its comments."""

    version: int = Field(ge=1)
    reduction: dict[Tier, Share]
    most_bad_rate: dict[Tier, Share]
    review_at: Share


def load_production_policy(expectations: Path) -> ProductionPolicy:
    """Raises `PolicyError`."""
    return load_policy(expectations / "policies" / "production.yml", ProductionPolicy)


@dataclass(frozen=True, slots=True)
class Reduction:
    """`ratio`: the rate after over the rate before. `status`: pass when its upper bound lies below `limit`, fail when its lower
    one lies above, else inconclusive.
    """

    status: Literal["pass", "fail", "inconclusive"]
    limit: float
    ratio: Estimate


def reduced(before: Window, after: Window, limit: float) -> Reduction:
    """Hold two independent windows against a limit of the log rate ratio (Katz et al. 1978). No conversations: inconclusive."""
    ratio = rate_ratio((before.bad, before.total), (after.bad, after.total), confidence=CONFIDENCE)
    status: Literal["pass", "fail", "inconclusive"] = "inconclusive"
    if ratio.high is not None and ratio.high < limit:
        status = "pass"
    elif ratio.low is not None and ratio.low > limit:
        status = "fail"
    return Reduction(status, limit, ratio)


@dataclass(frozen=True, slots=True)
class Spent:
    """Of an error budget: `allowed` bad conversations in the period, `share` of them spent so far, and `chance` of at least so
    many when the objective is just met. `action`: go_on; review (much is spent, or the line is crossed as chance may); only_fixes
    (overspent by more than chance).
    """

    action: Literal["go_on", "review", "only_fixes"]
    allowed: float
    share: float
    chance: float


def spent(so_far: Window, most_bad_rate: float, review_at: float, conversations: int | None = None) -> Spent:
    """How much of the budget of a period with so many `conversations` (None: as many as there are so far) is spent.

    A budget of 28 events is exceeded 45 times in 100 by a system that is exactly on target, so the exact test decides, not the
    line. Raises `ValueError` without conversations.
    """
    whole = so_far.total if conversations is None else conversations
    if whole <= 0 or so_far.total <= 0:
        raise ValueError("a budget is a share of conversations, and there are none")
    objective = 1 - most_bad_rate
    allowed = budget(whole, objective)
    share, chance = so_far.bad / allowed, chance_of_as_many(so_far, objective)
    if share >= 1 - TOLERANCE and chance < BY_CHANCE:
        return Spent("only_fixes", allowed, share, chance)
    return Spent("review" if share > review_at + TOLERANCE else "go_on", allowed, share, chance)
