"""Statistics: Instill's paired bootstrap, mean over seeds and Cohen's kappa against scipy, NumPy and scikit-learn.

usage: compare.py PROBE [--cases N]

Bootstraps are random, so their quantiles are compared within Monte-Carlo error: of R resamples, the share below the true p-th
quantile is binomial, so Instill's quantile must lie between the quantiles of scipy's resamples at p ± 5 standard deviations
of the difference of two such shares. Everything else is compared exactly, to 1e-12.
"""

import argparse
import json
import math
import subprocess
import sys

import numpy as np
from scipy.stats import bootstrap, sem
from sklearn.metrics import cohen_kappa_score, confusion_matrix

RESAMPLES = 20_000
DEVIATIONS = 5.0
VERDICTS = ["correct", "incorrect", "unparsed"]


def ask(probe: str, inputs: list[dict]) -> list[dict]:
    text = "".join(json.dumps(one) + "\n" for one in inputs)
    run = subprocess.run([probe, "statistics"], input=text, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def scores(random: np.random.Generator, seeds: int, questions: int, difficulty: np.ndarray, shift: float) -> np.ndarray:
    """Right and wrong, [seeds, questions]: the questions differ in difficulty, so the two methods' scores are correlated."""
    return (random.random((seeds, questions)) < np.clip(difficulty + shift, 0, 1)).astype(float)


def compare_bootstrap(probe: str, random: np.random.Generator, cases: int) -> float:
    """The largest deviation seen, as a share of the allowed one."""
    inputs = []
    for case in range(cases):
        questions = int(random.choice([20, 100, 400]))
        difficulty = random.beta(0.7, 0.7, questions)
        first = scores(random, int(random.integers(1, 4)), questions, difficulty, random.choice([0, 0.05, 0.2]))
        second = scores(random, int(random.integers(1, 4)), questions, difficulty, 0)
        inputs.append(dict(first=first.tolist(), second=second.tolist(), resamples=RESAMPLES, seed=case))
    worst = 0.0
    for given, ours in zip(inputs, ask(probe, inputs), strict=True):
        first, second = (np.array(given[name]) for name in ("first", "second"))
        scale = len(first) * len(second)
        # Whole numbers, whose sums are exact: a tie is a tie.
        a, b = first.sum(0) * len(second), second.sum(0) * len(first)
        reference = bootstrap(
            (a, b), lambda x, y, axis: (x - y).sum(axis) / x.shape[axis], paired=True, vectorized=True,
            method="percentile", n_resamples=RESAMPLES, batch=1000, rng=np.random.default_rng(given["seed"]),
        )  # fmt: skip
        resampled = reference.bootstrap_distribution / scale
        assert math.isclose(ours["difference"], (a - b).sum() / scale / len(a), abs_tol=1e-12), (ours, a, b)
        assert ours["questions"] == len(a) and ours["resamples"] == RESAMPLES
        for share, value in zip((0.025, 0.975), ours["interval"], strict=True):
            error = DEVIATIONS * math.sqrt(2 * share * (1 - share) / RESAMPLES)
            low, high = np.quantile(resampled, [max(0, share - error), min(1, share + error)])
            assert low - 1e-12 <= value <= high + 1e-12, (given["seed"], share, value, low, high)
        share = (resampled <= 0).mean()
        error = DEVIATIONS * math.sqrt(2 * max(share * (1 - share), 1 / RESAMPLES) / RESAMPLES)
        assert abs(ours["shareNotBetter"] - share) <= error, (given["seed"], ours["shareNotBetter"], share)
        worst = max(worst, abs(ours["shareNotBetter"] - share) / error)
    return worst


def compare_means(probe: str, random: np.random.Generator, cases: int) -> None:
    lists = [random.random(int(random.integers(1, 6))).tolist() for _ in range(cases)]
    for values, ours in zip(lists, ask(probe, [dict(means=values) for values in lists]), strict=True):
        assert math.isclose(ours["mean"], np.mean(values), abs_tol=1e-12) and ours["seeds"] == len(values)
        if len(values) == 1:
            assert "standardError" not in ours
        else:
            assert math.isclose(ours["standardError"], sem(values), abs_tol=1e-12), (ours, values)


def compare_kappa(probe: str, random: np.random.Generator, cases: int) -> None:
    pairs = []
    for _ in range(cases):
        count = int(random.integers(1, 300))
        first = random.choice(VERDICTS, count, p=random.dirichlet([3, 3, 0.5]))
        second = np.where(random.random(count) < random.random(), first, random.choice(VERDICTS, count))
        pairs.append([first.tolist(), second.tolist()])
    for (first, second), ours in zip(pairs, ask(probe, [dict(verdicts=pair) for pair in pairs]), strict=True):
        assert ours["counts"] == confusion_matrix(first, second, labels=VERDICTS).tolist()
        assert math.isclose(ours["raw"], np.mean(np.array(first) == second), abs_tol=1e-12)
        if len(set(first + second)) == 1:
            assert "kappa" not in ours
        else:
            assert math.isclose(ours["kappa"], cohen_kappa_score(first, second), abs_tol=1e-12), (ours, first, second)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("probe")
    parser.add_argument("--cases", type=int, default=40)
    arguments = parser.parse_args()
    random = np.random.default_rng(1)
    worst = compare_bootstrap(arguments.probe, random, arguments.cases)
    compare_means(arguments.probe, random, 10 * arguments.cases)
    compare_kappa(arguments.probe, random, 10 * arguments.cases)
    print(
        f"{arguments.cases} paired bootstraps within Monte-Carlo error of scipy's (shares up to {worst:.2f} of it), "
        f"{10 * arguments.cases} means and kappas equal to 1e-12"
    )


if __name__ == "__main__":
    sys.exit(main())
