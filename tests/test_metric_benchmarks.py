"""The bench of the metrics: what it compares comes to the same, its arithmetic is right, its page says what was run. Nothing is timed here."""

from __future__ import annotations

import argparse
import json

import numpy as np
import pandas as pd
import pytest

from benchmarks import metrics as bench
from benchmarks import plain_metrics
from benchmarks.processes import BenchFailed
from par_analysis.metrics.draws import dirichlet_weights
from par_analysis.metrics.rank_sets import standard_normals


def test_both_forms_come_to_the_same() -> None:
    of, rng = bench.made_up(9, 10, seed=3), np.random.default_rng(3)
    weights, normals = dirichlet_weights(list(of.values.columns), rng, draws=20), standard_normals(list(of.scores.index), rng=rng, draws=50)
    bench.require_same(of, weights, normals, [4])


def test_another_result_is_met(monkeypatch: pytest.MonkeyPatch) -> None:
    of, rng = bench.made_up(5, 8, seed=3), np.random.default_rng(3)
    weights, normals = dirichlet_weights(list(of.values.columns), rng, draws=5), standard_normals(list(of.scores.index), rng=rng, draws=20)
    monkeypatch.setattr(plain_metrics, "shapley_of_rank", lambda points, units: np.zeros((len(units), points.shape[1])))
    with pytest.raises(BenchFailed, match="Shapley values differ"):
        bench.require_same(of, weights, normals, [0])


def test_a_seed_gives_the_same_figures() -> None:
    first, again, other = (bench.made_up(7, 9, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first.values, again.values)
    assert not first.values.equals(other.values)
    assert np.allclose(first.points.sum(axis=1), first.values.sum(axis=1))
    assert first.points.shape == (7, 8)


def test_a_part_of_the_plain_form_counts_as_often_as_there_are_parts() -> None:
    one = bench.Compared("x", [0.5, 0.1, 0.2], 3.0, "1 unit", 10)
    assert one.ratio == pytest.approx(150)


def test_the_page_says_what_was_run() -> None:
    given = argparse.Namespace(units=63, nodes=29, draws=10_000, rounds=3, few=1_000, largest=[3321, 90], command="python -m benchmarks.metrics")
    compared = [bench.Compared("10,000 weight draws with ranks", [0.05, 0.04, 0.06], 0.1, "100 draws", 100)]
    large = [bench.Large("draws", "10,000 weight draws with ranks", 12.3, 2**30)]
    page = bench.written(compared, large, given, {"Processor": "x", "Browser": "none"})
    assert "| 10,000 weight draws with ranks | 0.0500 | 0.0400–0.0600 | 10.0 | 100 draws | 200.0 |" in page
    assert "| 10,000 weight draws with ranks | 12.3 | 1,024 |" in page
    assert "## 3,321 units × 90 nodes" in page
    assert "Browser" not in page
    assert "## 3,321" not in bench.written(compared, [], given, {})


@pytest.mark.parametrize("name", ["draws", "shapley", "simultaneous", "marginal"])
def test_every_command_on_the_largest_table_runs(name: str) -> None:
    what, work = bench.large_work(260, 8, 20, 20, seed=1)[name]
    assert what
    work()


def test_a_command_on_the_largest_table_says_how_it_went(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[tuple[int, int]] = []
    monkeypatch.setattr(bench.resource, "setrlimit", lambda _, limit: limits.append(limit))
    bench.run_large("draws", argparse.Namespace(largest=[30, 8], draws=20, few=10, seed=1))
    found = bench.Large(**json.loads(capsys.readouterr().out))
    assert (found.name, limits) == ("draws", [(4 * 2**30, 4 * 2**30)])
    assert found.seconds > 0
    assert found.memory > 2**20
