"""Judging a capstone: one project of three, trained from scratch, tried on rows it never saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from autograder.checking.guard import Guard
from autograder.checking.project_drivers import OWN, capstone
from autograder.checking.properties import Known, Property, Trial
from autograder.exercises._capstone_data import Part, plain_answers, right_answers
from autograder.exercises._capstone_form import (
    Found,
    form_fails,
    form_of,
    rows_mixed,
    seed_fails,
    switch_fails,
)
from course import projects

GUARD = Guard(
    modules=("sklearn", "babel", "course"),
    says="A capstone learns from `x` and `y` alone: no data is loaded in it, and no ready-made "
    "model is used.",
)


@dataclass(frozen=True)
class Line:
    """What the scores of a project mean.

    Below `guess` nothing was learnt; a `simple` model, `by`, gets `gets` or so; from `comfort` on
    the bar is no matter of luck.
    """

    guess: float
    simple: float
    bar: float
    comfort: float
    gets: float
    by: str


_MIXED = "What it says to a row depends on the other rows."
_ROWS = (
    "Which axis counts the rows? A recurrent layer expects time first unless it is made with "
    "`batch_first=True`; batch norm takes its statistics from the batch until `net.eval()`."
)
#: So much better on its training rows is no longer a model of new ones.
LEARNT_BY_HEART = 0.2
#: A careful solution over ten seeds and splits gets 0.924 (standard deviation 0.009) of the digits,
#: 0.761 (0.018) of the names, an F1 of 0.948 (0.004): each bar lies four of them below, or more.
LINES: Mapping[str, Line] = {
    "digits": Line(0.20, 0.45, 0.85, 0.88, 0.33, "an MLP"),
    "names": Line(0.28, 0.60, 0.68, 0.72, 0.53, "one that counts letters"),
    "spaces": Line(0.40, 0.84, 0.91, 0.92, 0.82, "an LSTM that reads forwards only"),
}


@dataclass(frozen=True)
class Best:
    """The project that came nearest to its bar."""

    project: str
    found: Found
    part: Part
    score: float
    own: float


def _best(trials: Sequence[Trial]) -> Best:
    """The best project whose answers have their form; there is one."""
    (trial,) = trials
    tried = [
        _tried(project, found, trial.inputs[project])
        for project, found in trial.value.items()
        if form_of(project, found) is None
    ]
    return max(tried, key=lambda best: best.score - LINES[best.project].bar)


def _tried(project: str, found: Found, part: Part) -> Best:
    score = projects.score(project, found["answers"], right_answers(project, part))
    own = found["own"]
    y = part["y"][:OWN]
    fits = isinstance(own, Tensor) and own.shape == y.shape
    return Best(project, found, part, score, projects.score(project, own, y) if fits else 0.0)


def _of_best(
    fails: Callable[[str, Found], str | Known | None],
) -> Callable[[Sequence[Trial]], str | Known | None]:
    """The same question to the best project."""

    def asked(trials: Sequence[Trial]) -> str | Known | None:
        best = _best(trials)
        return fails(best.project, best.found)

    return asked


def _measure(best: Best) -> str:
    name = "F1" if best.project == "spaces" else "of the answers right"
    number = f"{best.score:.3f} {name}" if best.project == "spaces" else f"{best.score:.1%} {name}"
    own = f"{best.own:.3f}" if best.project == "spaces" else f"{best.own:.1%}"
    return f"`{best.project}`: {number} on new rows, {own} on rows that it was trained on."


def _without_looking(best: Best) -> float:
    """The score of the commonest answer; for F1, of a yes at every place."""
    answers = right_answers(best.project, best.part)
    commonest = 1 if best.project == "spaces" else int(best.part["y"].bincount().argmax())
    return projects.score(best.project, torch.full_like(answers, commonest), answers)


def guesses(trials: Sequence[Trial]) -> str | Known | None:
    """Whether the answers are hardly better than guessing, and why."""
    best = _best(trials)
    line = LINES[best.project]
    seen = f"{_measure(best)} The same answer to everything gets {_without_looking(best):.2f}."
    if best.score >= line.guess:
        return None
    answers = best.found["answers"]
    if best.project != "spaces":
        plain = projects.score(best.project, answers, plain_answers(best.project, best.part))
        if plain >= line.guess:
            return Known("other_data", "It answers as if it had learnt from the notebook's data, "
                         "not from the `x` and `y` that it was given.",
                         "The numbers of the classes are drawn anew for each call: inside the "
                         "function use nothing but its arguments.", seen)  # fmt: skip
    first = int(answers.flatten()[0])
    if bool((answers == first).all()):
        return Known("one_answer", f"It says {first} to everything.",
                     "Does the loss fall at all? A rate that is much too large, or an output that "
                     "does not depend on the input, ends like this.", seen)  # fmt: skip
    mixed = rows_mixed(best.project, best.found)
    if isinstance(mixed, str):
        return Known("rows_mixed", _MIXED, _ROWS, f"{seen} {mixed}")
    if best.own - best.score > LEARNT_BY_HEART:
        return Known("learnt_by_heart", "It has learnt its training rows, and nothing that holds "
                     "for new ones.", "In which way do new rows differ from those? A digit may "
                     "stand elsewhere, letters may come in another order.", seen)  # fmt: skip
    return seen


def below_simple(trials: Sequence[Trial]) -> str | None:
    """Whether a simple model does better."""
    best = _best(trials)
    line = LINES[best.project]
    if best.score >= line.simple:
        return None
    return f"{_measure(best)} Such a model, {line.by}, gets about {line.gets:.2f}."


def misses_the_bar(trials: Sequence[Trial]) -> str | Known | None:
    """Whether the bar was missed: by how much, and on which side the trouble lies."""
    best = _best(trials)
    line = LINES[best.project]
    if best.score >= line.bar:
        return None
    missing = f"The bar is {line.bar:.2f}: {line.bar - best.score:.3f} are missing."
    seen = f"{_measure(best)} {missing} A simple model, {line.by}, gets about {line.gets:.2f}."
    if best.own >= (1 + line.bar) / 2 or best.own - best.score > 0.08:
        return Known("learnt_by_heart", "It knows its training rows much better than new ones.",
                     "More of the same training will not help. What helps is a network that fits "
                     "the problem's shape, data that is varied, dropout, weight decay.",
                     seen)  # fmt: skip
    if best.own - best.score > 0.2:
        return Known("learnt_by_heart", "It has learnt its training rows, and nothing that holds "
                     "for new ones.", "In which way do new rows differ from those? "
                     "A digit may stand elsewhere, letters may come in another order.",
                     seen)  # fmt: skip
    return seen


def tells(trials: Sequence[Trial]) -> str:
    """How good the best project is, and whether that is safe."""
    best = _best(trials)
    line = LINES[best.project]
    near = "" if best.score >= line.comfort else " Close: other rows and another seed may miss it."
    return f"{_measure(best)} The bar is {line.bar:.2f}.{near}"


PROPERTIES = (
    Property(
        "its form",
        "wrong_form",
        "What came back is not in the form that is asked for.",
        "Return a function. It takes rows like those of `x` and returns answers like those in `y`.",
        form_fails,
        needed=True,
    ),
    Property(
        "more than guessing",
        "not_trained",
        "It does hardly better than guessing.",
        "Plot the loss: does it fall? What a class or a letter is called is drawn anew for each "
        "call, so nothing helps but `x` and `y`.",
        guesses,
        needed=True,
    ),
    Property(
        "its seed",
        "seed_ignored",
        "The same seed does not give the same model.",
        "`torch.manual_seed(seed)` before anything random: the first weights come before all else.",
        _of_best(seed_fails),
    ),
    Property(
        "each row for itself",
        "rows_mixed",
        _MIXED,
        _ROWS,
        _of_best(rows_mixed),
    ),
    Property(
        "ablated it differs",
        "ablated_ignored",
        "The argument `ablated` changes nothing.",
        "Where it is True, leave one thing out: a layer, a direction, dropout, augmentation.",
        _of_best(switch_fails),
    ),
    Property(
        "better than a simple model",
        "simple_is_better",
        "A simple model does as well.",
        "Make that model first, and see on which rows yours is worse.",
        below_simple,
        weight=2.0,
        needed=True,
    ),
    Property(
        "the bar",
        "below_the_bar",
        "It has learnt something, but the bar is higher.",
        "It does not know its own training rows well, either: train for longer, with a rate that "
        "falls, or with a larger network.",
        misses_the_bar,
        weight=3.0,
        tells=tells,
    ),
)

# --- PyTorch's own ------------------------------------------------------------------------------


class _Segmenter(nn.Module):
    """Two LSTMs, one each way, and a score for both answers at every letter."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.vectors = nn.Embedding(len(projects.LETTERS), 24)
        self.both_ways = nn.LSTM(24, hidden, bidirectional=True, batch_first=True)
        self.verdict = nn.Linear(2 * hidden, 2)

    def forward(self, letters: Tensor) -> Tensor:
        states, _ = self.both_ways(self.vectors(letters))
        scores: Tensor = self.verdict(states)
        return scores


def _segment(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """Lost spaces put back; half as many units where it is ablated."""
    if project != "spaces":
        raise NotImplementedError
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = _Segmenter(24 if ablated else 48)
    passes, size, peak = 6, 40, 0.01
    adam = torch.optim.Adam(model.parameters(), peak)
    rates = torch.optim.lr_scheduler.OneCycleLR(adam, peak, passes * -(-len(x) // size))
    for _ in range(passes):
        for part in torch.randperm(len(x), generator=generator).split(size):
            adam.zero_grad()
            functional.cross_entropy(model(x[part]).mT, y[part]).backward()
            adam.step()
            rates.step()

    def answer(letters: Tensor) -> Tensor:
        with torch.no_grad():
            return model(letters).argmax(-1)

    return answer


def oracle(digits: Part, names: Part, spaces: Part, seed: int, few: int) -> Any:
    """A bidirectional LSTM that puts the spaces back, as the driver gives it."""
    given = {"digits": digits, "names": names, "spaces": spaces, "seed": seed, "few": few}
    return capstone(_segment, given)
