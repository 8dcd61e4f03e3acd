"""How long a student waits for a check: every exercise, right and with each known mistake.

Run it with `python benchmarks/checks.py`. The bar is 0.3 s for each check.
"""

from __future__ import annotations

import statistics
import sys
import time

import torch

from autograder.checking.handle import AnswerHandle
from autograder.checking.run import run_check
from autograder.exercises import EXERCISES

BAR = 0.3  # seconds
ROUNDS = 5


def main() -> int:
    """Prints a table of seconds; the exit status says whether every check met the bar."""
    start = time.perf_counter()
    from autograder import check  # noqa: F401  # what a notebook's first cell pays for

    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads")
    print(f"from autograder import check: {time.perf_counter() - start:.2f} s after import torch")
    print(f"{'exercise':<24}{'right, median':>15}{'wrong, median':>15}{'wrong, slowest':>16}")
    slowest = 0.0
    for exercise in EXERCISES.values():
        if not exercise.repeats or exercise.name == "diagnose":
            continue  # it trains a network, or its cases are networks trained
        right = [_seconds(exercise, exercise.oracle) for _ in range(ROUNDS)]
        wrong = [_seconds(exercise, m.answer) for m in exercise.misconceptions for _ in range(2)]
        wrong = wrong or right  # judged by properties: all answers take as long
        slowest = max(slowest, *right, *wrong)
        print(
            f"{exercise.name:<24}{statistics.median(right):>13.3f} s"
            f"{statistics.median(wrong):>13.3f} s{max(wrong):>14.3f} s"
        )
    print(f"slowest: {slowest:.3f} s; bar: {BAR} s")
    return int(slowest >= BAR)


def _seconds(exercise, answer) -> float:
    handle = AnswerHandle(answer, exercise.library)
    start = time.perf_counter()
    run_check(exercise, handle, seed=3)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
