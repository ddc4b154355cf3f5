"""Growth is told from breathing."""

from __future__ import annotations

from tests.load.resources import Sample, growth, table


def _samples(rss: list[float], fds: list[int]) -> list[Sample]:
    return [Sample(30.0 * i, "pbx", mb, count, 9, 12.0) for i, (mb, count) in enumerate(zip(rss, fds, strict=True))]


def test_steady_is_no_growth() -> None:
    (one,) = growth(_samples([40, 55, 60, 60.5, 60, 60.4, 60.1, 60.2], [20, 40, 44, 40, 44, 40, 44, 40]), 60)
    assert not one.too_much(4, 4)
    assert "pbx" in table([one])


def test_a_leak_shows() -> None:
    samples = _samples([60 + i for i in range(20)], [40] * 20)
    (one,) = growth(samples, 60)
    assert one.too_much(4, 4)
    assert round(one.rss_mb_an_hour) == 120


def test_leaked_descriptors_show() -> None:
    (one,) = growth(_samples([60.0] * 20, list(range(20))), 60)
    assert one.too_much(4, 4)


def test_the_time_before_it_settles_does_not_count() -> None:
    (one,) = growth(_samples([10, 20, 30, 60, 60, 60, 60], [1, 2, 3, 9, 9, 9, 9]), 90)
    assert one.rss_mb == (60, 60)
