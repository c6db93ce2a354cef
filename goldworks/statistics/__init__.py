"""Statistics over plain numbers: estimates with intervals, and comparisons. Knows no table, run or conversation."""

from __future__ import annotations

from goldworks.statistics.comparisons import difference_of, paired_difference, unpaired_difference
from goldworks.statistics.estimates import Estimate, mean, rate
from goldworks.statistics.resampling import seed_of

__all__ = ["Estimate", "difference_of", "mean", "paired_difference", "rate", "seed_of", "unpaired_difference"]
