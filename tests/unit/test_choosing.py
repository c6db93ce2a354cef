"""Choosing between runs: the front, claims whose error rate holds, what is left out, the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from goldworks.errors import InputError
from goldworks.release.choice_page import choice_page
from goldworks.release.choice_plot import plot, ticks
from goldworks.release.choice_words import headline, letters, place, standing, verdict
from goldworks.release.choosing import Choice, choose
from goldworks.release.contenders import Contender
from goldworks.release.contending import Field
from goldworks.release.pareto import Place, front
from goldworks.statistics import Estimate
from goldworks.statistics.estimates import undefined

FIELD = Field("shop", "chat", "shop-0123456789ab", (), ())


def contender(
    name: str,
    values: Sequence[float | None],
    *,
    latency: Sequence[float | None] = (),
    cost: Sequence[float | None] = (),
    clusters: Sequence[str] = (),
    is_recorded: bool = False,
    **more: Sequence[float | None],
) -> Contender:
    """One case per value; latency and cost by case, None where it is not known."""
    ids = [f"c{number:04}" for number in range(len(values))]
    return Contender(
        name,
        f"run-{name}",
        dict(zip(ids, clusters or ids, strict=True)),
        {metric: dict(zip(ids, of, strict=True)) for metric, of in {"m": values, **more}.items()},
        {case: value for case, value in zip(ids, latency, strict=False) if value is not None},
        {case: value for case, value in zip(ids, cost, strict=False) if value is not None},
        is_recorded,
        facts={"target": "t", "repeats": 1},
    )


def test_the_front_of_worked_points():
    """A is best, B cheapest; C is behind A in all three, D behind B by cost alone."""
    places = front({"A": (0.9, 500, 0.02), "B": (0.7, 300, 0.01), "C": (0.8, 600, 0.03), "D": (0.7, 300, 0.015)})
    assert [name for name, place in places.items() if place.is_on_front] == ["A", "B"]
    assert (places["C"].beaten_by, places["D"].beaten_by) == (("A",), ("B",))


def test_equal_ones_do_not_beat_each_other():
    places = front({"A": (0.9, 500, 0.02), "B": (0.9, 500, 0.02), "C": (0.9, 501, 0.02)})
    assert (places["A"], places["B"], places["C"].beaten_by) == (Place((), False), Place((), False), ("A", "B"))


def test_what_is_unknown_neither_beats_nor_is_beaten():
    """B is worse and slower than A, but nobody knows what it costs; it beats C in what is known, and not for certain."""
    places = front({"A": (0.9, 500, 0.02), "B": (0.8, 600, None), "C": (0.7, 700, 0.01)})
    assert places == {"A": Place((), False), "B": Place((), True), "C": Place((), True)}


def test_a_measure_known_of_none_is_left_out():
    places = front({"A": (0.9, 500, None), "B": (0.8, 600, None)})
    assert places == {"A": Place((), False), "B": Place(("A",), False)}


def equal_targets(random: np.random.Generator, is_graded: bool) -> list[Contender]:
    """Four targets of the same quality, latency and cost over 60 cases that differ in difficulty."""
    hard = random.beta(2, 2, size=60)
    found: list[Contender] = []
    for name in "ABCD":
        if is_graded:
            noise = random.normal(0, 0.15, size=60)
            values = np.clip(hard + noise, 0, 1)[:12]
            latency = random.lognormal(7, 0.5, size=12).tolist()
            found.append(contender(name, values.tolist(), latency=latency, cost=random.gamma(2, 0.001, size=12).tolist()))
        else:
            found.append(contender(name, (random.random(60) < hard).astype(float).tolist()))
    return found


@pytest.mark.parametrize("is_graded", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_of_four_equal_targets_one_is_seldom_called_better(is_graded: bool):
    """400 repeats: any wrong claim, in any measure, in at most 5 % and two standard errors, 29. It was 10, graded 15."""
    random = np.random.default_rng(20261128)
    wrong = sum(any(claim.better for claim in choose(equal_targets(random, is_graded), "m").claims) for _ in range(400))
    assert wrong <= 29


def test_one_that_is_better_is_found_and_who_is_not_shown_is_said():
    random = np.random.default_rng(7)
    hard = random.beta(2, 2, size=400)
    rates = {"A": hard, "B": np.minimum(hard + 0.25, 1), "C": hard}
    found = choose([contender(name, (random.random(400) < rate).astype(float).tolist()) for name, rate in rates.items()], "m")
    assert {(claim.first, claim.second): claim.better for claim in found.of("quality")} == {
        ("A", "B"): "B",
        ("A", "C"): None,
        ("B", "C"): "B",
    }
    assert standing(found, found.standings[0]) == "shown worse than B; not shown different from C"
    assert headline(found) == "B is shown better than every other in m. B alone is on the front: none is better."
    assert place(found, found.standings[0], letters(found)).startswith("beaten by B (shown better)")


def test_claims_are_adjusted_over_all_tests_together():
    """Two pairs of 6 : 0 changed cases have p 0.03125 each, one pair has none. Of three tests the smallest p counts threefold."""
    base, other = [0.0] * 6 + [1.0] * 34, [1.0] * 40
    found = choose([contender("A", base), contender("B", other), contender("C", other)], "m")
    assert [claim.difference.p_value for claim in found.claims if claim.p_adjusted is not None] == [0.03125, 0.03125, 1.0]
    assert [round(claim.p_adjusted or 0, 5) for claim in found.of("quality")] == [0.09375, 0.09375, 1.0]
    assert found.tested == 3
    alone = choose([contender("A", base), contender("B", other)], "m")
    assert alone.of("quality")[0].better == "B"


def test_latency_and_cost_are_compared_case_by_case():
    slow, fast = [1000.0 + n for n in range(40)], [900.0 + n * 0.9 for n in range(40)]
    values = [1.0, 0.0] * 20
    free, dear = [0.0] * 40, [0.002 + n * 1e-5 for n in range(40)]
    found = choose([contender("A", values, latency=slow, cost=free), contender("B", values, latency=fast, cost=dear)], "m")
    quality, latency, cost = found.claims
    assert (quality.better, latency.better, cost.better) == (None, "B", "A")
    assert latency.difference.value == pytest.approx(np.mean(fast) - np.mean(slow))
    assert [one.place.is_on_front for one in found.standings] == [True, True]
    assert found.standings[0].cost_usd.value == 0


def test_differences_that_are_all_alike_are_tested_too():
    found = choose([contender("A", [0.5] * 12), contender("B", [0.6] * 12)], "m")
    assert (found.claims[0].better, found.claims[0].difference.p_value) == ("B", 2.0**-11)


def test_latency_of_the_log_is_not_tested_against_a_live_one():
    values, numbers = [1.0, 0.0] * 20, [1000.0 + n for n in range(40)]
    recorded = contender("old", values, latency=numbers, is_recorded=True)
    found = choose([recorded, contender("new", values, latency=[n / 2 for n in numbers])], "m")
    latency = found.of("latency")[0]
    assert verdict(latency, letters(found)) == "not tested: the log's against a live one"
    assert "latency of recorded answers is the log's, as production measured it: old, so it is not tested" in " ".join(
        found.notes
    )


def test_what_is_left_out_is_said():
    a = contender("A", [1.0] * 20, cost=[0.001] * 20)
    b = contender("B", [1.0, None, *[0.0] * 15], cost=[0.001] * 3)
    found = choose([a, b], "m")
    assert (found.cases, found.asked) == (17, {"A": 20, "B": 17})
    assert found.standings[1].metrics["m"].n_missing == 1
    assert list(found.notes) == [
        "3 of 20 cases are left out, for not every run has them: B lacks 3",
        "B: 1 of 17 values of m are missing, and in none of its differences; so many that nothing should follow from it",
        "latency is known of none, so the front is without it",
        "cost is unknown of B, so there nobody beats anybody",
    ]
    assert found.standings[1].cost_usd.value is None
    assert found.standings[1].place == Place((), True)


def test_few_conversations_are_said():
    found = choose([contender(name, [1.0, 0.0, 1.0] * 4, clusters=["a", "b", "c"] * 4) for name in "AB"], "m")
    assert "m rests on cases of 3 conversations only: too few to rely on its intervals" in found.notes


def test_what_cannot_be_compared_is_refused_with_a_way_out():
    with pytest.raises(InputError, match="nothing to choose between: 1 run"):
        choose([contender("A", [1.0] * 10)], "m")
    with pytest.raises(InputError, match=r"only 4 cases in common \(each by itself: A 10, B 4\)"):
        choose([contender("A", [1.0] * 10), contender("B", [1.0] * 4)], "m")
    with pytest.raises(InputError, match=r"none of B\n.*--metric, one of: m, k"):
        choose([contender("A", [1.0] * 4, k=[1.0] * 4), contender("B", [None] * 4, k=[1.0] * 4)], "m")


def some_choice(names: Sequence[str] = ("A", "B", "C")) -> Choice:
    random = np.random.default_rng(3)
    return choose(
        [
            contender(name, random.random(40).tolist(), latency=random.lognormal(7, 0.3, 40).tolist(), cost=cost)
            for name, cost in zip(names, ([0.001] * 40, [0.002] * 40, ()), strict=True)
        ],
        "m",
    )


def test_the_page_fetches_nothing_runs_nothing_and_escapes_names():
    page = choice_page(some_choice(("<script>alert(1)</script>", 'a"onload=x', "x&y")), FIELD).decode()
    assert "<script" not in page
    assert 'a"onload' not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "x&amp;y" in page
    assert not re.search(r"(src|href)=|url\(|@import", page)
    assert page.count('<svg class="plot"') == 2
    assert "Not drawn, for it is unknown: C." in page


def test_the_page_draws_only_what_lies_inside_and_says_the_same_twice():
    page = choice_page(some_choice(), FIELD)
    assert page == choice_page(some_choice(), FIELD)
    places = [float(at) for at in re.findall(rb'c[xy]="([-0-9.]+)"', page)]
    assert len(places) >= 16
    assert all(0 <= at <= 480 for at in places)


def test_a_plot_of_small_numbers_has_different_ticks_and_its_letters_inside():
    def number(value: float) -> Estimate:
        return Estimate(value, value * 0.9, min(1.0, value * 1.1), 0.95, "t", 40, 40)

    rows = [("A", "a", True, number(0.0002), number(1.0)), ("B", "b", True, number(0.0007), number(1.0))]
    drawn = plot("t", "x", "y", [*rows, ("C", "c", True, undefined("t", "n_zero", 0.95, 0), number(1.0))])
    assert drawn is not None
    written = [text for _, text in drawn.x_ticks]
    assert (len(written) >= 4, len(set(written)), drawn.without) == (True, len(written), ("C",))
    assert all(12 <= point.label_y <= 272 and 58 <= point.label_x <= 470 for point in drawn.points)
    assert plot("t", "x", "y", [("C", "c", True, undefined("t", "n_zero", 0.95, 0), number(1.0))]) is None


def test_ticks_are_round():
    assert ticks(0.61, 0.88) == [0.65, 0.7, 0.75, 0.8, 0.85]
    assert ticks(0, 10.8) == [0, 2, 4, 6, 8, 10]
    assert ticks(923.2, 926.1) == [923.5, 924, 924.5, 925, 925.5, 926]


def test_of_what_people_have_not_confirmed_nothing_is_claimed():
    """A is far better by a judge without a certificate, and dearer: the front is of latency and cost alone."""
    rows = [contender("A", [1.0] * 40, latency=[900.0] * 40), contender("B", [0.0] * 30 + [1.0] * 10, latency=[500.0] * 40)]
    found = choose([replace(one, opinions=frozenset("m"), advisory=frozenset("m")) for one in rows], "m")
    (quality,) = found.of("quality")
    assert (quality.p_adjusted, quality.better, quality.difference.value) == (None, None, -0.75)
    assert verdict(quality, letters(found)) == "not tested: advice, for people have not confirmed it"
    assert [one.name for one in found.standings if one.place.is_on_front] == ["B"]
    assert headline(found) == ("Nobody is called better: m is advice, not confirmed by people. On the front of latency alone: B.")
    assert standing(found, found.standings[0]) == "nothing is claimed"
    assert any("no valid certificate" in note for note in found.notes)
    page = choice_page(found, FIELD).decode()
    assert 'm <span class="muted">advice</span>' in page
    assert "Pareto front of latency and cost, where" in page


def test_of_what_people_confirmed_claims_are_made_and_it_is_said_what_they_are():
    rows = [contender("A", [1.0] * 40), contender("B", [0.0] * 30 + [1.0] * 10)]
    found = choose([replace(one, opinions=frozenset("m")) for one in rows], "m")
    assert found.of("quality")[0].better == "A"
    assert any("has a valid certificate" in note for note in found.notes)


def test_advice_without_latency_and_cost_has_no_front():
    rows = [contender("A", [1.0] * 40), contender("B", [0.0] * 40)]
    found = choose([replace(one, opinions=frozenset("m"), advisory=frozenset("m")) for one in rows], "m")
    assert headline(found).endswith("Neither latency nor cost is known, so there is no front.")
