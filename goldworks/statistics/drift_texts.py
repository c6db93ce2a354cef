"""Whether a day's texts are like those of stable days, without a model: TF-IDF and SVD features of redacted texts, two measures.

The distance of the centroids is cheap and the better of the two for a group of texts that moved; how well a classifier tells the
day from the reference says it in a number that people can picture. What chance does is seen from the stable days themselves, so
that their own differences count as chance. Any other vectors (embeddings) go the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from goldworks.statistics.intervals import Floats

DIMENSIONS = 64
DRAWS = 200
QUANTILE = 0.99
"""Share of the stable comparisons that lie below a limit."""

LEAST_DAYS = 14
"""Stable days that limits need."""

LEAST_TEXTS = 20
"""Texts that a day needs."""

FOLDS = 5
RIDGE = 0.01

Measure = Callable[[Floats, Floats], float]
"""(vectors of the reference, vectors of the day), one row a text, to a number that grows as they differ."""


@dataclass(frozen=True, slots=True)
class TextFeatures:
    """Turns texts into vectors; fitted once, by `fit_features`, and then the same for all days."""

    vectorizer: Any
    components: Any

    def of(self, texts: Sequence[str]) -> Floats:
        """One row a text, at most `DIMENSIONS` columns; a text without a known word is all 0."""
        return np.asarray(self.components.transform(self.vectorizer.transform(texts)), dtype=np.float64)

    def words(self, reference: Sequence[str], day: Sequence[str], most: int = 10) -> list[str]:
        """Words whose weight rose most from the reference to the day, which tell people what came."""
        means = [np.asarray(self.vectorizer.transform(texts).mean(axis=0)).ravel() for texts in (reference, day)]
        rise = means[1] - means[0]
        names = self.vectorizer.get_feature_names_out()
        return [str(names[i]) for i in np.argsort(-rise, kind="stable")[:most] if rise[i] > 0]


@dataclass(frozen=True, slots=True)
class TextDrift:
    """The measures of a day and their limits. `has_moved`: one is over its own. `reason` n_too_small: too few texts or days."""

    has_moved: bool
    centroid: float | None
    centroid_limit: float | None
    auc: float | None
    auc_limit: float | None
    n_reference: int
    n_day: int
    reason: str | None = None


def fit_features(texts: Sequence[str], *, dimensions: int = DIMENSIONS, seed: int = 0) -> TextFeatures:
    """Words and their weights from texts of stable days. Raises `ValueError` when no word stands in two of them.

    Fit on other texts than those that are compared: vectors describe the texts they were fitted on better than any others, and
    that alone would tell a new day from them.
    """
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(min_df=2, max_features=20_000, sublinear_tf=True)
    table = vectorizer.fit_transform(texts)
    columns = max(1, min(dimensions, min(table.shape) - 1))
    return TextFeatures(vectorizer, TruncatedSVD(columns, random_state=seed % 2**32).fit(table))


def centroid_distance(reference: Floats, day: Floats) -> float:
    """Euclidean distance of the two means."""
    return float(np.linalg.norm(reference.mean(axis=0) - day.mean(axis=0)))


def classifier_auc(reference: Floats, day: Floats) -> float:
    """How well a linear classifier tells the two apart on texts it has not seen: AUROC over `FOLDS` folds, 0.5 when it cannot.

    Least squares of the side on the vectors, which is Fisher's linear discriminant, with a ridge of `RIDGE` times their variance.
    Folds are taken in turn, so the result has no seed, and rows must be in no telling order. Raises `ValueError` for too few.
    """
    from sklearn.linear_model import Ridge
    from sklearn.metrics import roc_auc_score

    if min(len(reference), len(day)) < FOLDS:
        raise ValueError(f"a classifier needs at least {FOLDS} texts on each side")
    rows, is_day = np.vstack([reference, day]), np.repeat([0.0, 1.0], [len(reference), len(day)])
    folds = np.concatenate([np.arange(len(side)) % FOLDS for side in (reference, day)])
    scores = np.empty(len(rows))
    for fold in range(FOLDS):
        learnt, held = rows[folds != fold], folds == fold
        strength = RIDGE * len(learnt) * float(learnt.var(axis=0).mean()) + 1e-12
        scores[held] = Ridge(strength).fit(learnt, is_day[~held]).predict(rows[held])
    return float(roc_auc_score(is_day, scores))


def stable_limit(
    measure: Measure,
    stable: Sequence[Floats],
    n_reference: int,
    n_day: int,
    *,
    seed: int,
    draws: int = DRAWS,
    q: float = QUANTILE,
) -> float | None:
    """What the measure exceeds by chance in a share 1 - `q` of stable comparisons; None with fewer than `LEAST_DAYS`.

    `stable`: vectors by day. The larger of two quantiles, of `draws` each: between a day drawn at random and texts of the others,
    which holds the days' own differences but knows only as many days as there are; and between texts of all days. Drawn without
    replacement, for a text on both sides would be known to the classifier; who has fewer texts gives all.
    """
    if len(stable) < LEAST_DAYS:
        return None
    random = np.random.default_rng(seed)
    by_day: list[float] = []
    by_text: list[float] = []
    pool = np.vstack(stable)
    n_new = min(n_day, len(pool) // 2)
    for _ in range(draws):
        chosen = int(random.integers(len(stable)))
        others = np.vstack([one for i, one in enumerate(stable) if i != chosen])
        by_day.append(measure(_drawn(others, n_reference, random), _drawn(stable[chosen], n_day, random)))
        mixed = _drawn(pool, n_reference + n_new, random)
        by_text.append(measure(mixed[n_new:], mixed[:n_new]))
    return float(max(np.quantile(by_day, q), np.quantile(by_text, q)))


def text_drift(stable: Sequence[Sequence[str]], day: Sequence[str], *, seed: int, draws: int = DRAWS) -> TextDrift:
    """Whether a day's texts are like those of the stable days, given by day, oldest first.

    Every other stable day fits the features, the rest are the reference and give the limits. Days with fewer than `LEAST_TEXTS`
    texts are left out.
    """
    days = [one for one in stable if len(one) >= LEAST_TEXTS]
    if len(day) < LEAST_TEXTS or len(days) < 2 * LEAST_DAYS:
        return TextDrift(False, None, None, None, None, sum(map(len, days)), len(day), reason="n_too_small")
    features = fit_features([text for one in days[::2] for text in one], seed=seed)
    compared = [features.of(one) for one in days[1::2]]
    random = np.random.default_rng(seed)
    pool = np.vstack(compared)
    reference = _drawn(pool, len(pool) - max(map(len, compared)), random)  # as many as are left when one day is taken out
    new = features.of(day)
    new = _drawn(new, len(new), random)
    values: list[float] = []
    limits: list[float] = []
    for measure in (centroid_distance, classifier_auc):
        limit = stable_limit(measure, compared, len(reference), len(new), seed=seed, draws=draws)
        assert limit is not None, "days were counted above"
        values.append(measure(reference, new))
        limits.append(limit)
    has_moved = any(value > limit for value, limit in zip(values, limits, strict=True))
    return TextDrift(has_moved, values[0], limits[0], values[1], limits[1], len(reference), len(new))


def _drawn(rows: Floats, n: int, random: np.random.Generator) -> Floats:
    """At most `n` rows in random order, each once."""
    return rows[random.permutation(len(rows))[:n]]
