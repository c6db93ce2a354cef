"""Numbers in the sentences about gates."""

from __future__ import annotations

import pytest

from goldworks.release.wording import share


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1.0, "100 %"),
        (6292 / 6294, "99.97 %"),
        (0.99999, "99.999 %"),
        (0.9995, "99.95 %"),
        (0.99905, "99.91 %"),
        (0.999, "99.9 %"),
        (0.998, "99.8 %"),
        (0.95, "95 %"),
        (0.123, "12.3 %"),
        (0.002, "0.2 %"),
        (0.0005, "0.05 %"),
        (0.00005, "0.005 %"),
        (0.0, "0 %"),
        (-1e-17, "0 %"),
    ],
)
def test_what_is_not_all_or_nothing_does_not_read_so(value: float, said: str):
    """Two failures among 6,294 are what a limit of 99.9 % turns on: they are not 100 %."""
    assert share(value) == said


def test_a_small_loss_is_no_zero():
    assert [share(value, sign=True) for value in (-0.0003, 0.0, 0.004)] == ["-0.03 %", "+0 %", "+0.4 %"]
