"""What must hold for every exercise of the course."""

from __future__ import annotations

import itertools
from pathlib import Path

import nbformat
import pytest
import torch

from autograder import check
from autograder.checking.diagnose import answer_to
from autograder.checking.handle import AnswerHandle
from autograder.checking.run import _cases, run_check
from autograder.checking.values import move, same_bits, tensors
from autograder.exercises import EXERCISES, of_notebook

SEEDS = (11, 20261)
EVERY = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda e: e.name)
EVERY_MARKED = pytest.mark.parametrize(
    "exercise",
    [e for e in EXERCISES.values() if not e.assignment.startswith("00")],
    ids=lambda e: e.name,
)


def _run(exercise, answer, seed):
    """The check without its guard: the oracles call what students may not."""
    return run_check(exercise, AnswerHandle(answer, exercise.library), seed)


@EVERY
@pytest.mark.parametrize("seed", SEEDS)
def test_the_oracle_passes_its_own_check(exercise, seed) -> None:
    result = _run(exercise, exercise.oracle, seed)
    assert result.passed, str(result)
    assert result.score == exercise.points
    assert "cpu" in _cases(exercise, seed)[0].given
    _nothing_changed_what_all_are_given(exercise)


@EVERY
def test_every_misconception_is_rejected_and_named(exercise) -> None:
    """At one seed each, in turns: the banks are run at others."""
    misjudged = []
    for number, misconception in enumerate(exercise.misconceptions):
        result = _run(exercise, misconception.answer, SEEDS[number % 2])
        wanted = {misconception.name, *misconception.twins}
        if result.passed or result.score >= exercise.points or set(result.diagnoses) != wanted:
            misjudged.append(f"{number} {misconception.name}: {result}")
    assert not misjudged, "\n".join(misjudged)
    _nothing_changed_what_all_are_given(exercise)


def _nothing_changed_what_all_are_given(exercise) -> None:
    for case in itertools.chain.from_iterable(_cases(exercise, seed) for seed in SEEDS):
        for device, given in case.given.items():
            assert same_bits(dict(given), move(case.inputs, device, case.spec.dtype)), case.label
            assert not any(t.requires_grad or t.grad is not None for t in tensors(dict(given)))


@EVERY
@pytest.mark.parametrize("seed", SEEDS[:1])
def test_misconceptions_differ_from_one_another_or_are_declared_twins(exercise, seed) -> None:
    cases = exercise.draw_cases(seed)
    answers = [(m.name, [answer_to(m.answer, c) for c in cases]) for m in exercise.misconceptions]
    twins = {(m.name, twin) for m in exercise.misconceptions for twin in m.twins}
    for (a, mine), (b, theirs) in itertools.combinations(answers, 2):
        if a == b:
            continue  # two ways to the same mistake
        same = all(
            isinstance(x, Exception) == isinstance(y, Exception)
            and (isinstance(x, Exception) or _near(x, y))
            for x, y in zip(mine, theirs, strict=True)
        )
        assert same == ((a, b) in twins or (b, a) in twins), (a, b)


def _near(x, y) -> bool:
    pairs = list(itertools.zip_longest(tensors(x), tensors(y)))
    return all(
        a is not None and b is not None and a.shape == b.shape
        and torch.allclose(a.double(), b.double(), rtol=1e-4, atol=1e-5, equal_nan=True)
        for a, b in pairs
    )  # fmt: skip


@EVERY
def test_cases_are_a_pure_function_of_the_seed(exercise) -> None:
    first, again, other = (exercise.draw_cases(seed) for seed in (5, 5, 6))
    assert all(same_bits(a.inputs, b.inputs) for a, b in zip(first, again, strict=True))
    same = [same_bits(a.inputs, b.inputs) for a, b in zip(first, other, strict=True)]
    assert sum(same) <= 1, "at most a case of one row, where there is little to choose from"


@EVERY
def test_cases_follow_the_rules_that_make_mistakes_visible(exercise) -> None:
    sizes = [dict(spec.sizes) for spec in exercise.cases]
    used = [{k: v for k, v in s.items() if v > 1} for s in sizes]
    assert any(len(set(s.values())) == len(s) >= 2 for s in used), "one case of unequal sizes"
    if {"D", "H"} <= set(sizes[0]):
        assert any(s["D"] > s["H"] for s in sizes)
        assert any(s["D"] < s["H"] for s in sizes)
    assert any(1 in s.values() for s in sizes) or exercise.properties, "a degenerate case"
    wanted = {torch.float64} if exercise.library == "numpy" else {torch.float32, torch.float64}
    dtypes = {spec.dtype for spec in exercise.cases}
    assert dtypes == wanted or (not exercise.repeats and dtypes < wanted), "a training runs once"
    for case in exercise.draw_cases(3):
        numbers = [tensor for tensor in tensors(case.inputs) if tensor.is_floating_point()]
        assert all(bool(tensor.any()) for tensor in numbers), "no input is all zeros"


@EVERY
def test_the_stub_scores_nothing(exercise) -> None:
    def stub(*inputs):
        raise NotImplementedError

    result = _run(exercise, stub, 1)
    assert (result.score, result.diagnoses) == (0, ("not_started",))


@EVERY_MARKED
@pytest.mark.parametrize("seed", SEEDS)
def test_the_solution_in_source_gets_full_marks(exercise, seed, root: Path) -> None:
    result = getattr(check, exercise.name)(_solutions(root, exercise)[exercise.name], seed=seed)
    assert result.passed, str(result)
    assert result.score == exercise.points


@EVERY_MARKED
def test_a_check_is_the_same_each_time(exercise, root: Path) -> None:
    solution = _solutions(root, exercise)[exercise.name]
    results = [getattr(check, exercise.name)(solution, seed=9).to_dict() for _ in range(2)]
    assert results[0] == results[1]


def _solutions(root: Path, exercise) -> dict:
    """The names that the code cells of the exercise's source notebook define."""
    path = root / "source" / exercise.assignment / f"{exercise.notebook}.ipynb"
    space: dict = {}
    names = {e.name for e in of_notebook(exercise.assignment, exercise.notebook)}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and cell.id in {"setup", "first-weights", *names}:
            exec(compile(cell.source, cell.id, "exec"), space)
    return space


def test_the_names_that_others_rely_on_exist() -> None:
    names = {e.name for e in of_notebook("05_lstm", "01_gates")}
    assert names >= {
        "forget_gate", "input_gate", "candidate", "output_gate", "cell_state", "hidden_state",
        "lstm_cell", "lstm_forward", "slides_to_torch", "torch_to_slides",
    }  # fmt: skip


@EVERY_MARKED
def test_definitions_stand_in_the_notebooks_order(exercise, root: Path) -> None:
    path = root / "source" / exercise.assignment / f"{exercise.notebook}.ipynb"
    cells = [cell.id for cell in nbformat.read(path, as_version=4).cells]
    names = [e.name for e in of_notebook(exercise.assignment, exercise.notebook)]
    assert [name for name in cells if name in names] == names
