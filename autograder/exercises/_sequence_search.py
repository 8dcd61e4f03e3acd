"""Searching a table of next-token log-probabilities: the rules, those of known mistakes, the cases.

No function of PyTorch's searches. The reference is a walk over a tree whose rules can be changed;
the tests compare it with all sequences there are, scored by `torch.nn.functional.nll_loss`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from autograder.checking.compare import UnreadableError
from autograder.checking.exercise import CaseSpec, Sizes
from autograder.checking.values import Inputs, Value, describe
from autograder.exercises._sequence import draw_normal

#: Two scores that decide something differ at least by this much.
MARGIN = 1e-3


@dataclass(frozen=True)
class Path:
    """Some ids after the start, their score, and whether they have come to the end."""

    ids: tuple[int, ...]
    score: float
    done: bool = False


def _number(score: float, ids: tuple[int, ...]) -> float:
    return score


@dataclass(frozen=True)
class Rules:
    """How a search goes.

    edge: what a step adds to the score, of its log-probability. rank: what is compared, of a score
    and its ids. keep: which paths go on, of the old finished ones and the new ones, the width and
    the rank. choose: what is compared at the last, of a path. ends: whether `end` finishes a path.
    """

    edge: Callable[[float], float] = float
    rank: Callable[[float, tuple[int, ...]], float] = _number
    keep: Callable[[list[Path], list[Path], int, Callable[[Path], float]], list[Path]] | None = None
    choose: Callable[[Path], tuple[float, ...]] | None = None
    ends: bool = True
    longer: int = 0
    turned: bool = False
    accumulates: bool = True


RIGHT = Rules()


def best(paths: list[Path], width: int, rank: Callable[[Path], float]) -> list[Path]:
    """The `width` paths of the highest rank."""
    return sorted(paths, key=rank, reverse=True)[:width]


def _kept(
    done: list[Path], new: list[Path], width: int, rank: Callable[[Path], float]
) -> list[Path]:
    return best(done + new, width, rank)


def walk(
    log_probs: Tensor, start: int, end: int, max_len: int, width: int, rules: Rules = RIGHT
) -> Path:
    """The path that a search of this width over (V, V) log-probabilities finds by these rules."""
    table = (log_probs.mT if rules.turned else log_probs).tolist()
    keep, choose = rules.keep or _kept, rules.choose or (lambda path: (rank(path),))

    def rank(path: Path) -> float:
        return rules.rank(path.score, path.ids)

    paths = [Path((), 0.0)]
    for _ in range(max_len + rules.longer):
        new = []
        for path in paths:
            if path.done:
                continue
            row = table[path.ids[-1] if path.ids else start]
            before = path.score if rules.accumulates else 0.0
            new += [
                Path((*path.ids, id_), before + rules.edge(step), rules.ends and id_ == end)
                for id_, step in enumerate(row)
            ]
        if not new:
            break
        paths = keep([path for path in paths if path.done], new, width, rank)
    return max(paths, key=choose, default=Path((), -math.inf))


def margin(log_probs: Tensor, start: int, end: int, max_len: int, width: int) -> float:
    """How near the last path that was kept, and the answer, came to the next one."""
    gaps = [math.inf]
    beam: list[float] = []

    def keep(
        done: list[Path], new: list[Path], width: int, rank: Callable[[Path], float]
    ) -> list[Path]:
        nonlocal beam
        scores = sorted((path.score for path in done + new), reverse=True)
        beam = scores[:width]
        gaps.extend(a - b for a, b in itertools.pairwise(scores[width - 1 : width + 1]))
        return _kept(done, new, width, rank)

    walk(log_probs, start, end, max_len, width, Rules(keep=keep))
    return min([*gaps, *(a - b for a, b in itertools.pairwise(beam[:2]))])


# --- rules of known mistakes ----------------------------------------------------------------------


def _of_each(
    done: list[Path], new: list[Path], width: int, rank: Callable[[Path], float]
) -> list[Path]:
    """`width` extensions of each path, and no choice among all of them."""
    families = itertools.groupby(new, key=lambda path: path.ids[:-1])
    return done + [path for _, family in families for path in best(list(family), width, rank)]


def _beside(
    done: list[Path], new: list[Path], width: int, rank: Callable[[Path], float]
) -> list[Path]:
    """Finished paths take no place in the beam."""
    going = best([path for path in new if not path.done], width, rank)
    return done + [path for path in new if path.done] + going


def _beside_once(
    done: list[Path], new: list[Path], width: int, rank: Callable[[Path], float]
) -> list[Path]:
    """A finished path takes a place when it finishes, and none later."""
    return done + best(new, width, rank)


def _for_good(
    done: list[Path], new: list[Path], width: int, rank: Callable[[Path], float]
) -> list[Path]:
    """A finished path has its place for good, whatever is better."""
    return done + best(new, width - len(done), rank)


def _dropped(
    done: list[Path], new: list[Path], width: int, rank: Callable[[Path], float]
) -> list[Path]:
    """A finished path takes a place once, and is gone at the next step."""
    return best(new, width, rank)


def _unfinished(
    done: list[Path], new: list[Path], width: int, rank: Callable[[Path], float]
) -> list[Path]:
    return best([path for path in new if not path.done], width, rank)


def _first_finished(
    done: list[Path], new: list[Path], width: int, rank: Callable[[Path], float]
) -> list[Path]:
    """As soon as a path of the beam is finished, it is the answer."""
    paths = best(new, width, rank)
    return best([path for path in paths if path.done], 1, rank) or paths


def _stopped(
    done: list[Path], new: list[Path], width: int, rank: Callable[[Path], float]
) -> list[Path]:
    """As soon as a path of the beam is finished, none goes on."""
    paths = best(done + new, width, rank)
    over = any(path.done for path in paths)
    return [replace(path, done=True) for path in paths] if over else paths


def _one_of_each(
    done: list[Path], new: list[Path], width: int, rank: Callable[[Path], float]
) -> list[Path]:
    """Of each path only its best extension; of the first step's, `width`."""
    families = [list(family) for _, family in itertools.groupby(new, lambda path: path.ids[:-1])]
    if len(new[0].ids) == 1:
        return best(new, width, rank)
    return best(done + [max(family, key=rank) for family in families], width, rank)


def _per_length(score: float, ids: tuple[int, ...]) -> float:
    return score / len(ids)


GREEDY_ONE = Rules(keep=lambda done, new, width, rank: best(done + new, 1, rank))
SEARCHES: Mapping[str, Rules] = {
    "width_ignored": GREEDY_ONE,
    "probabilities_added": Rules(edge=math.exp),
    "finished_dropped": Rules(keep=_unfinished),
    "finished_forgotten": Rules(keep=_dropped),
    "finished_extended": Rules(ends=False),
    "finished_beside_the_beam": Rules(keep=_beside),
    "finished_beside_once": Rules(keep=_beside_once),
    "finished_never_leave": Rules(keep=_for_good),
    "first_finished_returned": Rules(keep=_first_finished),
    "stopped_at_the_first_end": Rules(keep=_stopped),
    "one_extension_of_each": Rules(keep=_one_of_each),
    "unfinished_preferred": Rules(choose=lambda path: (not path.done, path.score)),
    "finished_preferred": Rules(choose=lambda path: (path.done, path.score)),
    "divided_by_length": Rules(rank=_per_length),
    "chosen_by_score_per_length": Rules(choose=lambda path: (_per_length(path.score, path.ids),)),
    "width_of_each": Rules(keep=_of_each),
    "one_step_too_many": Rules(longer=1),
    "one_step_too_few": Rules(longer=-1),
    "columns_read": Rules(turned=True),
    "last_step_alone": Rules(accumulates=False),
    "worst_kept": Rules(rank=lambda score, ids: -score),
}

# --- what is drawn --------------------------------------------------------------------------------


def _table(V: int, scale: float, g: torch.Generator) -> Tensor:
    """Log-probabilities (V, V); the rows are those of a language: some ids follow others."""
    return (scale * draw_normal(g, V, V)).log_softmax(-1)


def _two_ids(V: int, g: torch.Generator) -> tuple[int, int]:
    start, end = torch.randperm(V, generator=g)[:2].tolist()
    return start, end


def draw_greedy(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """A table whose likeliest path is `ends` ids long with its end; cut at max_len where 0."""
    V, max_len, ends = sizes["V"], sizes["max_len"], sizes.get("ends", 0)
    while True:
        table = _table(V, 1.5, g)
        start, end = _two_ids(V, g)
        largest = table.topk(2, -1)[0]
        clear = bool((largest[:, 0] - largest[:, 1] > MARGIN).all())
        clear = clear and int(table[end].argmax()) != end  # else padding looks like going on
        found = walk(table, start, end, max_len, 1, GREEDY_ONE)
        wanted = found.done and len(found.ids) == ends if ends else not found.done
        if clear and wanted and (max_len < 3 or len(set(found.ids)) > 1 or ends == 1):
            return _inputs(table, start, end, max_len)


def _inputs(table: Tensor, start: int, end: int, max_len: int) -> Inputs:
    return {"log_probs": table, "start": start, "end": end, "max_len": max_len}


#: Which mistakes a case of (V, max_len, width) is to show; `a|b`: that these two differ.
SHOWN: Mapping[tuple[int, int, int], tuple[str, ...]] = {
    (5, 4, 2): ("finished_beside_the_beam", "width_ignored"),
    (4, 5, 3): ("finished_dropped|finished_forgotten", "probabilities_added|finished_forgotten"),
    (6, 4, 3): ("unfinished_preferred|divided_by_length", "finished_dropped|finished_extended"),
    (3, 5, 2): ("finished_preferred",),
    (6, 5, 3): ("unfinished_preferred|probabilities_added", "divided_by_length"),
    (5, 5, 3): ("finished_beside_once",),
    (5, 6, 3): ("finished_never_leave",),
    (5, 3, 4): (
        "first_finished_returned",
        "finished_extended|finished_forgotten",
        "one_extension_of_each|finished_beside_the_beam",
    ),
    (4, 6, 2): ("one_step_too_many", "one_step_too_few"),
    (7, 5, 3): (
        "width_of_each|finished_beside_once",
        "width_of_each|finished_never_leave",
        "width_of_each|finished_beside_the_beam",
        "width_of_each",
        "width_ignored",
    ),
}


def draw_search(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """A table without near-ties in which the mistakes of `SHOWN` lead elsewhere."""
    V, max_len, width = sizes["V"], sizes["max_len"], sizes["width"]
    shown = SHOWN.get((V, max_len, width), ())
    while True:
        table = _table(V, 1.2, g)
        place = (table, *_two_ids(V, g), max_len, width)
        if _shows(place, shown) and margin(*place) > MARGIN:
            return {**_inputs(*place[:4]), "width": width}


def _shows(place: tuple[Tensor, int, int, int, int], shown: tuple[str, ...]) -> bool:
    """Whether each mistake leads elsewhere than the right search, each pair two ways."""
    for names in shown:
        one, _, other = names.partition("|")
        if walk(*place, SEARCHES[one]).ids == walk(*place, SEARCHES.get(other, RIGHT)).ids:
            return False
    return True


def greedy_spec(V: int, max_len: int, ends: int = 0, **rest: object) -> CaseSpec:
    """The case of a path with `ends` ids up to its end, or 0 where max_len cuts it."""
    sizes = {"V": V, "max_len": max_len} | ({"ends": ends} if ends else {})
    kind = str(rest.get("dtype", torch.float64)).removeprefix("torch.")
    return CaseSpec(sizes, title=f"V={V}, max_len={max_len}, {kind}", **rest)  # type: ignore[arg-type]


# --- what comes back ------------------------------------------------------------------------------


def read_ids(value: Value) -> Tensor:
    """Ids, a list of whole numbers or an int64 tensor, as a tensor. Raises UnreadableError."""
    if value is None:
        raise UnreadableError("nothing_returned", "Nothing came back. Is a `return` missing?")
    if isinstance(value, Tensor):
        if value.dim() != 1:
            says = f"`ids` should have one axis; yours has shape {tuple(value.shape)}."
            raise UnreadableError("wrong_shape", says)
        if value.is_floating_point() or value.is_complex() or value.dtype == torch.bool:
            raise UnreadableError("wrong_dtype", "`ids` should be whole numbers.")
        return value.long()
    if not isinstance(value, list | tuple):
        says = f"`ids` should be a list of whole numbers; yours is {describe(value)}."
        raise UnreadableError("wrong_type", says)
    return torch.tensor([_whole(item) for item in value], dtype=torch.int64)


def _whole(item: Value) -> int:
    if isinstance(item, Tensor) and item.numel() == 1 and not item.is_floating_point():
        return int(item)
    if type(item) is not int:
        says = f"`ids` should be a list of whole numbers; in yours is a {describe(item)}."
        raise UnreadableError("wrong_type", says)
    return item
