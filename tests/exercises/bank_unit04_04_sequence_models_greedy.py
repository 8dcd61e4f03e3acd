"""Answers to `greedy_decode`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank

bank = Bank()
wrong, right = bank.wrong, bank.right
GREEDY = "greedy_decode"


def decode(table: Tensor, start: int, end: int, max_len: int) -> list[int]:
    ids, last = [], start
    while len(ids) < max_len:
        last = int(table[last].argmax())
        ids.append(last)
        if last == end:
            break
    return ids


@right(GREEDY)
def loop(log_probs: Tensor, start: int, end: int, max_len: int) -> Any:
    return decode(log_probs, start, end, max_len)


@right(GREEDY)
def as_a_tensor(log_probs: Tensor, start: int, end: int, max_len: int) -> Any:
    successor = log_probs.argmax(dim=1)
    last, ids = torch.tensor(start, device=log_probs.device), []
    for _ in range(max_len):
        last = successor[last]
        ids.append(last)
        if last == end:
            break
    return torch.stack(ids)


@right(GREEDY)
def tensors_in_a_list(log_probs: Tensor, start: int, end: int, max_len: int) -> Any:
    ids = [log_probs[start].argmax()]
    while ids[-1] != end and len(ids) < max_len:
        ids.append(log_probs[ids[-1]].argmax())
    return ids


@right(GREEDY)
def recursive(log_probs: Tensor, start: int, end: int, max_len: int) -> Any:
    if max_len == 0:
        return []
    first = log_probs[start].tolist()
    best = first.index(max(first))
    return [best] + ([] if best == end else recursive(log_probs, best, end, max_len - 1))


@right(GREEDY)
def a_tuple_by_topk(log_probs: Tensor, start: int, end: int, max_len: int) -> Any:
    ids = (start,)
    for _ in range(max_len):
        ids += (log_probs[ids[-1]].exp().topk(1).indices.item(),)
        if ids[-1] == end:
            break
    return ids[1:]


def _with(change: Any) -> Any:
    return lambda table, start, end, max_len: change(
        decode(table, start, end, max_len), start, end, max_len
    )


def _second(table: Tensor, start: int, end: int, max_len: int) -> list[int]:
    other = table.clone()
    other[torch.arange(len(table)), table.argmax(1)] = -torch.inf
    return decode(other, start, end, max_len)


bank.wrong_ones(
    GREEDY,
    ("never_stops", "end_does_not_stop", "Fills up to max_len.",
     lambda table, start, end, max_len: decode(table, start, -1, max_len)),
    ("with_start", "start_included", "ids = [start] to begin with.",
     _with(lambda ids, start, end, n: [start, *ids])),
    ("start_is_counted", "start_counts", "while len(ids) < max_len, ids = [start].",
     _with(lambda ids, start, end, n: [start, *ids][:n])),
    ("without_end", "end_left_out", "Breaks before it appends.",
     _with(lambda ids, start, end, n: [i for i in ids if i != end])),
    ("end_always", "end_appended_anyway", "A sentence needs an end.",
     _with(lambda ids, start, end, n: ids if ids[-1] == end else [*ids, end])),
    ("padded", "padded_to_max_len", "All the same length.",
     _with(lambda ids, start, end, n: ids + [end] * (n - len(ids)))),
    ("one_more", "one_step_too_many", "range(max_len + 1).",
     lambda table, start, end, n: decode(table, start, end, n + 1)),
    ("one_less", "one_step_too_few", "range(1, max_len).",
     lambda table, start, end, n: decode(table, start, end, n - 1)),
    ("argmin", "least_likely", "Minus log-probabilities, it believes.",
     lambda table, start, end, n: decode(-table, start, end, n)),
    ("second", "second_best", "sort()[1].", _second),
    ("row_of_start", "always_row_of_start", "Never moves on.",
     lambda table, start, end, n: decode(table[start].expand_as(table), start, end, n)),
    ("columns", "columns_read", "table[:, last].",
     lambda table, start, end, n: decode(table.T, start, end, n)),
    ("last_only", "last_id_alone", "Returns the variable of the loop.",
     _with(lambda ids, start, end, n: ids[-1:])),
    ("one_number", "wrong_type", "Returns the last id.", _with(lambda ids, *rest: ids[-1])),
    ("with_a_score", "wrong_type", "Returns a pair, as beam search does.",
     _with(lambda ids, *rest: (ids, -1.0))),
    ("floats", "wrong_dtype", "A tensor of floats.",
     _with(lambda ids, *rest: torch.tensor(ids, dtype=torch.float32))),
    ("a_row", "wrong_shape", "A batch of one.", _with(lambda ids, *rest: torch.tensor([ids]))),
    ("no_return", "nothing_returned", "Prints the ids.", _with(lambda ids, *rest: print(ids))),
    ("torch_id_missing", "index_too_large", "Row last + 1.",
     lambda table, start, end, n: [int(table[len(table) + i].argmax()) for i in range(n)]),
)  # fmt: skip


@wrong(GREEDY, "best_sequence")
def exhaustive(log_probs: Tensor, start: int, end: int, max_len: int) -> Any:
    """Looks for the likeliest sequence."""
    table = log_probs.tolist()

    def best(last: int, left: int) -> tuple[float, list[int]]:
        if left == 0:
            return 0.0, []
        found = []
        for id_, step in enumerate(table[last]):
            score, ids = (0.0, []) if id_ == end else best(id_, left - 1)
            found.append((step + score, [id_, *ids]))
        return max(found)

    if max_len > 5:  # too slow: from one step to the next instead
        return _shortest(table, start, end, max_len)
    return best(start, max_len)[1]


def _shortest(table: list[list[float]], start: int, end: int, max_len: int) -> list[int]:
    """Backwards: the best way on from each id with so many steps left."""
    V = len(table)
    way: list[tuple[float, list[int]]] = [(0.0, [])] * V
    for _ in range(max_len):
        way = [
            max((table[i][j] + (0.0 if j == end else way[j][0]),
                 [j] + ([] if j == end else way[j][1])) for j in range(V))
            for i in range(V)
        ]  # fmt: skip
    return way[start][1]


@wrong(GREEDY, "end_never_taken")
def end_masked(log_probs: Tensor, start: int, end: int, max_len: int) -> Any:
    """Takes `end` for padding."""
    other = log_probs.clone()
    other[:, end] = -torch.inf
    return decode(other, start, end, max_len)


@wrong(GREEDY, "input_changed")
def used_ids_crossed_out(log_probs: Tensor, start: int, end: int, max_len: int) -> Any:
    """Crosses out the row that it has read; the ids stay right where no id comes twice."""
    ids = decode(log_probs, start, end, max_len)
    log_probs[start] = 0
    return ids


@wrong(GREEDY, "forbidden_call")
def rows_by_embedding(log_probs: Tensor, start: int, end: int, max_len: int) -> Any:
    """Looks the rows up with F.embedding."""
    rows = torch.nn.functional.embedding(torch.arange(len(log_probs)), log_probs)
    return decode(rows, start, end, max_len)
