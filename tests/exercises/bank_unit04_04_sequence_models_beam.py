"""Answers to `beam_search`."""

from __future__ import annotations

import heapq
import math
from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank

bank = Bank()
wrong, right = bank.wrong, bank.right
BEAM = "beam_search"
Hypothesis = tuple[float, list[int]]


def search(
    table: Tensor,
    start: int,
    end: int,
    max_len: int,
    width: int,
    *,
    choose: Any = None,
    rank: Any = lambda score, ids: score,
    step: Any = float,
    finished: Any = lambda ids, end: bool(ids) and ids[-1] == end,
    keep_finished: bool = True,
) -> tuple[list[int], float]:
    rows, beam = table.tolist(), [(0.0, [])]
    for _ in range(max_len):
        candidates = []
        for score, ids in beam:
            if finished(ids, end):
                candidates += [(score, ids)] if keep_finished else []
                continue
            row = rows[ids[-1] if ids else start]
            candidates += [(score + step(p), [*ids, i]) for i, p in enumerate(row)]
        beam = sorted(candidates, key=lambda one: rank(*one), reverse=True)[:width] or beam
    score, ids = max(beam, key=choose or (lambda one: rank(*one)))
    return ids, score


@right(BEAM)
def lists_and_sorting(log_probs: Tensor, start: int, end: int, max_len: int, width: int) -> Any:
    return search(log_probs, start, end, max_len, width)


@right(BEAM)
def with_a_heap(log_probs: Tensor, start: int, end: int, max_len: int, width: int) -> Any:
    beam: list[Any] = [(log_probs.new_zeros(()), (start,))]
    for _ in range(max_len):
        new = [h for h in beam if len(h[1]) > 1 and h[1][-1] == end]
        for score, ids in beam:
            if len(ids) == 1 or ids[-1] != end:
                new += [(score + p, (*ids, i)) for i, p in enumerate(log_probs[ids[-1]])]
        beam = heapq.nlargest(width, new, key=lambda h: float(h[0]))
    score, ids = beam[0]
    return list(ids[1:]), score


@right(BEAM)
def in_tensors(log_probs: Tensor, start: int, end: int, max_len: int, width: int) -> Any:
    V = len(log_probs)
    frozen = log_probs.clone()
    frozen[end] = -torch.inf
    frozen[end, end] = 0  # what is finished goes on for nothing
    ids = torch.full((1, 1), start, device=log_probs.device)
    score = log_probs.new_zeros(1)
    for _ in range(max_len):
        total = (score[:, None] + frozen[ids[:, -1]]).flatten()
        score, place = total.topk(min(width, len(total)))
        ids = torch.cat([ids[place // V], (place % V)[:, None]], 1)
    found = ids[0, 1:].tolist()
    return found[: found.index(end) + 1] if end in found else found, score[0]


@right(BEAM)
def stops_when_all_are_finished(
    log_probs: Tensor, start: int, end: int, max_len: int, width: int
) -> Any:
    beam = [{"ids": [], "score": 0.0, "last": start, "done": False}]
    while not all(h["done"] or len(h["ids"]) == max_len for h in beam):
        new = [h for h in beam if h["done"]]
        for h in beam:
            if not h["done"]:
                for i in range(len(log_probs)):
                    new.append({
                        "ids": h["ids"] + [i], "last": i, "done": i == end,
                        "score": h["score"] + log_probs[h["last"], i].item(),
                    })  # fmt: skip
        new.sort(key=lambda h: -h["score"])
        beam = new[:width]
    return torch.tensor(beam[0]["ids"]), torch.tensor(beam[0]["score"], dtype=torch.float64)


def _by(**rules: Any) -> Any:
    return lambda *inputs: search(*inputs, **rules)


def _with(change: Any) -> Any:
    return lambda table, start, end, n, width: change(
        *search(table, start, end, n, width), start, end
    )


def _ends(one: Hypothesis, end: int) -> bool:
    return one[1][-1] == end


bank.wrong_ones(
    BEAM,
    ("greedy", "width_ignored", "One hypothesis is enough.",
     lambda table, start, end, n, width: search(table, start, end, n, 1)),
    ("probabilities", "probabilities_added", "exp, then +.", _by(step=math.exp)),
    ("finished_vanish", "finished_forgotten", "`continue` without keeping.",
     _by(keep_finished=False)),
    ("goes_on_after_end", "finished_extended", "end is an id like any other.",
     _by(finished=lambda ids, end: False)),
    ("normalised", "divided_by_length", "Long sequences are at a disadvantage.",
     _by(rank=lambda score, ids: score / max(1, len(ids)))),
    ("normalised_choice", "divided_by_length", "Divides at the last.",
     _by(choose=lambda one: one[0] / len(one[1]))),
    ("unfinished_first", "unfinished_preferred", "Looks at what is still open.",
     lambda table, start, end, n, width: search(
         table, start, end, n, width, choose=lambda one: (not _ends(one, end), one[0]))),
    ("finished_first", "finished_preferred", "Only a finished one counts, if there is one.",
     lambda table, start, end, n, width: search(
         table, start, end, n, width, choose=lambda one: (_ends(one, end), one[0]))),
    ("one_more", "one_step_too_many", "range(max_len + 1).",
     lambda table, start, end, n, width: search(table, start, end, n + 1, width)),
    ("one_less", "one_step_too_few", "range(max_len - 1).",
     lambda table, start, end, n, width: search(table, start, end, n - 1, width)
     if n > 1 else ([], -math.inf)),
    ("columns", "columns_read", "table[:, last].",
     lambda table, start, end, n, width: search(table.T, start, end, n, width)),
    ("worst", "worst_kept", "sorted() without reverse.", _by(rank=lambda score, ids: -score)),
    ("mean_returned", "score_per_id", "Returns a score per id.",
     _with(lambda ids, score, start, end: (ids, score / len(ids)))),
    ("cost", "score_negated", "A cost, to be small.",
     _with(lambda ids, score, start, end: (ids, -score))),
    ("probability", "score_is_a_probability", "exp of the score.",
     _with(lambda ids, score, start, end: (ids, math.exp(score)))),
    ("with_start", "start_included", "Hypotheses begin with [start].",
     _with(lambda ids, score, start, end: ([start, *ids], score))),
    ("without_end", "end_left_out", "Strips the end.",
     _with(lambda ids, score, start, end: ([i for i in ids if i != end], score))),
    ("swapped", "outputs_swapped", "Keeps (score, ids) tuples and returns one.",
     _with(lambda ids, score, start, end: (score, ids))),
    ("ids_alone", "wrong_type", "Forgets the score.",
     _with(lambda ids, score, start, end: ids)),
    ("last", "last_id_alone", "Keeps the last id only.",
     _with(lambda ids, score, start, end: (ids[-1:], score))),
    ("nothing", "nothing_returned", "Forgets to return.",
     _with(lambda ids, score, start, end: None)),
    ("score_in_a_list", "wrong_shape", "A tensor of one element.",
     _with(lambda ids, score, start, end: (ids, torch.tensor([score], dtype=torch.float64)))),
    ("all_hypotheses", "wrong_type", "Returns the whole beam.",
     _with(lambda ids, score, start, end: [(ids, score), (ids, score)])),
    ("score_of_greedy", "greedy_score", "Two functions, one score.",
     lambda table, start, end, n, width: (
         search(table, start, end, n, width)[0], search(table, start, end, n, 1)[1])),
)  # fmt: skip


@wrong(BEAM, "width_of_each")
def topk_of_each_row(log_probs: Tensor, start: int, end: int, max_len: int, width: int) -> Any:
    """`topk(width)` on each row, and no choice among all."""
    k, beam = min(width, len(log_probs)), [(0.0, [])]
    for _ in range(max_len):
        new = []
        for score, ids in beam:
            if ids and ids[-1] == end:
                new.append((score, ids))
                continue
            values, places = log_probs[ids[-1] if ids else start].topk(k)
            new += [
                (score + v, [*ids, i])
                for v, i in zip(values.tolist(), places.tolist(), strict=True)
            ]
        beam = new
    score, ids = max(beam)
    return ids, score


def _two_lists(first: bool) -> Any:
    """A list for what is going on, and one beside it for what is finished."""

    def answer(log_probs: Tensor, start: int, end: int, max_len: int, width: int) -> Any:
        going, done, rows = [(0.0, [])], [], log_probs.tolist()
        for _ in range(max_len):
            new = [
                (score + p, [*ids, i])
                for score, ids in going
                for i, p in enumerate(rows[ids[-1] if ids else start])
            ]
            new.sort(reverse=True)
            if first:
                going = new[:width]
                found = [one for one in going if one[1][-1] == end]
                if found:
                    return found[0][1], found[0][0]
            else:
                done += [one for one in new if one[1][-1] == end]
                going = [one for one in new if one[1][-1] != end][:width]
        score, ids = max(going + done)
        return ids, score

    return answer


def _by_hand(
    table: Tensor, start: int, end: int, max_len: int, width: int, stops: bool, alone: bool
) -> Any:
    """A beam of lists; `stops` at the first end of any, `alone`: one extension of each."""
    rows, beam = table.tolist(), [(0.0, [start])]
    for step in range(max_len):
        candidates = []
        for score, ids in beam:
            if len(ids) > 1 and ids[-1] == end:
                candidates += [(score, ids)] if alone else []
                continue
            new = [(score + p, [*ids, i]) for i, p in enumerate(rows[ids[-1]])]
            candidates += [max(new)] if alone and step else new
        beam = sorted(candidates, reverse=True)[:width]
        if stops and any(ids[-1] == end for _, ids in beam):
            break
    return beam[0][1][1:], beam[0][0]


def _emptied(*inputs: Any) -> Any:
    return _by_hand(*inputs, False, False)


def _stops_at_any(*inputs: Any) -> Any:
    return _by_hand(*inputs, True, False)


def _one_each(*inputs: Any) -> Any:
    return _by_hand(*inputs, False, True)


bank.wrong_ones(
    BEAM,
    ("empty_beam", "finished_forgotten", "Keeps nothing that is finished.", _emptied),
    ("stops_at_any", "first_finished_returned", "break as soon as one has come to its end.",
     _stops_at_any),
    ("one_each", "one_extension_of_each", "argmax for each hypothesis, from the second step on.",
     _one_each),
    ("best_ever", "best_of_all_steps", "Remembers the best score seen.",
     lambda table, start, end, max_len, width: search(table, start, end, 1, width)),
    ("two_lists", "finished_beside_the_beam", "Finished ones are set aside.", _two_lists(False)),
    ("stops_at_the_first", "first_finished_returned", "Returns as soon as there is an end.",
     _two_lists(True)),
)  # fmt: skip


def _set_aside(count_them: bool) -> Any:
    """Finished ones leave the beam, and each either keeps its place or gives it back."""

    def answer(log_probs: Tensor, start: int, end: int, max_len: int, width: int) -> Any:
        going, done, rows = [(0.0, [])], [], log_probs.tolist()
        for _ in range(max_len):
            new = [
                (score + p, [*ids, i])
                for score, ids in going
                for i, p in enumerate(rows[ids[-1] if ids else start])
            ]
            places = width - len(done) if count_them else width
            chosen = sorted(new, reverse=True)[:places]
            done += [one for one in chosen if one[1][-1] == end]
            going = [one for one in chosen if one[1][-1] != end]
        score, ids = max(going + done)
        return ids, score

    return answer


bank.wrong_ones(
    BEAM,
    ("set_aside", "finished_beside_the_beam", "The beam has its full width again.",
     _set_aside(False)),
    ("places_taken_for_good", "finished_beside_the_beam", "The beam shrinks with each of them.",
     _set_aside(True)),
)  # fmt: skip


@wrong(BEAM, "finished_dropped")
def end_crossed_out(log_probs: Tensor, start: int, end: int, max_len: int, width: int) -> Any:
    """Filters finished ones out before it chooses."""
    beam, rows = [(0.0, [])], log_probs.tolist()
    for _ in range(max_len):
        new = [
            (score + p, [*ids, i])
            for score, ids in beam
            for i, p in enumerate(rows[ids[-1] if ids else start])
            if i != end
        ]
        beam = sorted(new, reverse=True)[:width]
    return beam[0][1], beam[0][0]


@wrong(BEAM, "last_step_alone")
def scores_replaced(log_probs: Tensor, start: int, end: int, max_len: int, width: int) -> Any:
    """`score = p` for `score + p`."""
    beam, rows = [(0.0, [])], log_probs.tolist()
    for _ in range(max_len):
        new = [one for one in beam if one[1] and one[1][-1] == end]
        for _score, ids in beam:
            if not ids or ids[-1] != end:
                new += [(p, [*ids, i]) for i, p in enumerate(rows[ids[-1] if ids else start])]
        beam = sorted(new, reverse=True, key=lambda one: one[0])[:width]
    return beam[0][1], beam[0][0]


@wrong(BEAM, "forbidden_call")
def by_nll_loss(log_probs: Tensor, start: int, end: int, max_len: int, width: int) -> Any:
    """Lets PyTorch's loss pick the entries."""
    ids, _ = search(log_probs, start, end, max_len, width)
    rows = log_probs[[start, *ids[:-1]]]
    return ids, -torch.nn.functional.cross_entropy(rows, torch.tensor(ids), reduction="sum")
