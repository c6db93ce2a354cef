"""Aggregate `pass_k`: is it able to (pass@k), and can one rely on it (pass^k), from the repeats of each case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import comb
from typing import Literal

from pydantic import Field

from goldworks.evaluation.aggregates.protocol import Aggregate, Aggregated, Detail, Part, Scored, Tally, by_case
from goldworks.policies import Policy
from goldworks.statistics import Estimate, mean, rate
from goldworks.statistics.estimates import undefined


class PassK(Aggregate):
    """Of a case that passed c of its n repeats: `which: all` (pass^k, default) is C(c, k) / C(n, k), the chance that k repeats
    drawn from them all pass; `which: any` (pass@k) is 1 - C(n - c, k) / C(n, k), the chance that any of k does. The number is
    the mean over cases (Chen et al. 2021 for pass@k; tau-bench, Yao et al. 2024, for pass^k).

    A repeat passes when its value is at least `at_least`. The interval is that of a mean over cases, clustered; of a rate where
    every case has 0 or 1, as with k = n. Repeats are never rows of their own.

    - A missing repeat is left out; a case that has fewer than k without it is missing.
    - A run with fewer than k repeats: no value, `n_too_small`. No case: `n_zero`.
    - A case the metric does not apply to is left out.
    """

    name = "pass_k"

    class Settings(Policy):
        """How many repeats, whether all or any of them must pass, and what passes."""

        k: int = Field(default=4, ge=1)
        which: Literal["all", "any"] = "all"
        at_least: float = Field(default=1.0, gt=0, le=1)

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def over(self, scores: Sequence[Scored], *, confidence: float, seed: int) -> Aggregated:
        """See the class."""
        cases = by_case(scores)
        passed = {case_id: self._passed(group) for case_id, group in cases.items()}
        repeats = {case_id: len(group) for case_id, group in cases.items()}
        clusters = {case_id: group[0].cluster_id for case_id, group in cases.items()}
        estimate = self._estimate(passed, repeats, clusters, confidence, seed)
        return Aggregated(estimate, _by_k(passed))

    def tally(self, scores: Sequence[Scored]) -> Tally:
        """The chance of each case that has k repeats, and 1."""
        k = self._settings.k
        share = all_of if self._settings.which == "all" else any_of
        parts: list[Part] = []
        for case_id, group in by_case(scores).items():
            if len(group) >= k:
                passed, came = self._passed(group)
                counts = (share(passed, came, k), 1.0) if came >= k else None
                parts.append(Part((case_id,), group[0].cluster_id, counts))
        return Tally((2,), tuple(parts), self.whole)

    def _passed(self, group: Sequence[Scored]) -> tuple[int, int]:
        """(repeats that passed, repeats that came)."""
        here = [score.value for score in group if score.value is not None]
        return sum(value >= self._settings.at_least for value in here), len(here)

    def _estimate(
        self,
        passed: Mapping[str, tuple[int, int]],
        repeats: Mapping[str, int],
        clusters: Mapping[str, str],
        confidence: float,
        seed: int,
    ) -> Estimate:
        k = self._settings.k
        asked = [case_id for case_id in passed if repeats[case_id] >= k]
        if passed and not asked:
            return undefined("pass_k", "n_too_small", confidence, 0)
        share = all_of if self._settings.which == "all" else any_of
        values = [share(*passed[case_id], k) if passed[case_id][1] >= k else None for case_id in asked]
        of = [clusters[case_id] for case_id in asked]
        if all(value in (0, 1, None) for value in values):
            return rate(values, of, confidence=confidence)
        return mean(values, of, confidence=confidence, seed=seed)


def all_of(c: int, n: int, k: int) -> float:
    """pass^k of a case that passed `c` of `n` repeats, 1 <= k <= n."""
    return comb(c, k) / comb(n, k)


def any_of(c: int, n: int, k: int) -> float:
    """pass@k of a case that passed `c` of `n` repeats, 1 <= k <= n."""
    return 1 - comb(n - c, k) / comb(n, k)


def _by_k(passed: Mapping[str, tuple[int, int]]) -> Detail | None:
    """Both measures for every k that all cases allow."""
    most = min((n for _, n in passed.values()), default=0)
    if not most:
        return None
    rows = tuple(
        (str(k), *(f"{sum(share(c, n, k) for c, n in passed.values()) / len(passed):.4f}" for share in (any_of, all_of)))
        for k in range(1, most + 1)
    )
    return Detail("Of k repeats: any passes (pass@k), all pass (pass^k)", ("k", "pass@k", "pass^k"), rows)
