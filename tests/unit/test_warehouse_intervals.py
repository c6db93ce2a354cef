"""The interval macros of the marts against goldworks.statistics and the worked numbers; rendered without dbt."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest
from jinja2 import Environment, StrictUndefined

from goldworks.settings import PROJECT_ROOT
from goldworks.statistics import mean
from goldworks.statistics.intervals import t_quantile, wilson

MACROS = Environment(undefined=StrictUndefined).from_string(
    (PROJECT_ROOT / "dbt_project" / "macros" / "intervals.sql").read_text(encoding="utf-8")
)


def sql(macro: str, *arguments: str) -> str:
    return getattr(MACROS.module, macro)(*arguments)


def evaluate(text: str, *parameters: object) -> tuple[object, ...]:
    with duckdb.connect() as connection:
        return connection.execute(text, list(parameters)).fetchall()[0]


def wilson_in_sql(x: int, n: int) -> tuple[object, ...]:
    return evaluate(f"select {sql('wilson_low', 'x', 'n')}, {sql('wilson_high', 'x', 'n')} from (select ? as x, ? as n)", x, n)


@pytest.mark.parametrize(
    ("x", "n", "low", "high"),
    [
        (47, 50, 0.837829, 0.979385),
        (0, 50, 0.0, 0.071348),
        (50, 50, 0.928652, 1.0),
        (3, 1000, 0.001021, 0.008783),
        (1, 1, 0.206549, 1.0),
    ],
)
def test_wilson_gives_the_worked_numbers(x: int, n: int, low: float, high: float):
    assert wilson_in_sql(x, n) == pytest.approx((low, high), abs=5e-7)


def test_wilson_is_that_of_the_statistics_for_every_count():
    cases = [(x, n) for n in (1, 2, 9, 40) for x in range(n + 1)]
    assert [wilson_in_sql(x, n) for x, n in cases] == [pytest.approx(wilson(x / n, n, 0.95), abs=1e-12) for x, n in cases]


def test_of_nothing_there_is_no_interval():
    assert wilson_in_sql(0, 0) == (None, None)


def test_the_t_quantile_is_off_by_less_than_three_in_a_thousand():
    for degrees in (1, 2, 3, 5, 12, 100, 10_000):
        [found] = evaluate(f"select {sql('t95', 'd')} from (select ? as d)", degrees)
        assert found == pytest.approx(t_quantile(0.95, degrees), rel=3e-3)


def test_a_clustered_mean_has_the_interval_of_the_statistics():
    random = np.random.default_rng(7)
    clusters = np.repeat(np.arange(40), 3)
    values = np.clip(random.normal(0.5, 0.1, 120) + np.repeat(random.normal(0, 0.1, 40), 3), 0, 1)
    expected = mean(list(values), list(clusters))
    assert expected.low is not None
    assert expected.high is not None
    half = sql(
        "clustered_half_width", "count(*)", "sum(size)", "(sum(s) / sum(size))", "sum(size ** 2)", "sum(size * s)", "sum(s ** 2)"
    )
    sums = [float(values[clusters == cluster].sum()) for cluster in range(40)]
    [found] = evaluate(f"select {half} from (select unnest(?::double[]) as s, 3.0 as size)", sums)
    assert expected.method == "t_clustered"
    assert found == pytest.approx((expected.high - expected.low) / 2, rel=3e-3)
    assert evaluate(f"select {half} from (select 1.0 as s, 3.0 as size)") == (None,)


def test_a_quantile_s_interval_are_order_statistics_and_null_outside_the_sample():
    both = f"select {sql('quantile_low', 'l', '0.5')}, {sql('quantile_high', 'l', '0.5')} from (select ?::double[] as l)"
    assert evaluate(both, [float(value) for value in range(1, 101)]) == (40, 61)  # the textbook ranks for n = 100
    assert evaluate(both, [1.0, 2.0, 3.0]) == (None, None)
    assert evaluate(both, None) == (None, None)
