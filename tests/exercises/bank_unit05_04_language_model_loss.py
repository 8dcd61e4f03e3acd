"""Answers to `lstm_lm_loss` and `bits_per_character`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit05_04_language_model_parts import (
    Model,
    Pair,
    logits_of,
    run,
    step,
    torch_lstm,
    torch_weights,
)

bank = Bank()
wrong, right = bank.wrong, bank.right
L = "lstm_lm_loss"


def entropy(logits: Tensor, y: Tensor) -> Tensor:
    return functional.cross_entropy(logits.flatten(0, 1), y.flatten())


def each(logits: Tensor, y: Tensor) -> Tensor:
    return -logits.log_softmax(-1).gather(-1, y[..., None])[..., 0]


@right(L)
def whole_window_at_once(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
    h, c = run(x, state, model)
    return entropy(logits_of(h, model), y), (h[-1], c[-1])


@right(L)
def step_by_step(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
    h, c = state
    total = 0.0
    for t in range(x.shape[0]):
        now = step(model["E"][x[t]], h, c, model)
        h, c = now["h"], now["c"]
        log_p = torch.log_softmax(logits_of(h, model), 1)
        total = total - log_p[torch.arange(x.shape[1], device=x.device), y[t]].sum()
    return total / x.numel(), (h, c)


@right(L)
def state_as_a_list_and_detached(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
    h, c = run(x, (state[0].detach(), state[1]), model)
    print("loss of", tuple(x.shape))
    return each(logits_of(h, model), y).mean(), [h[-1].detach(), c[-1].detach()]


@right(L)
def fused(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
    U, W, b, _ = torch_weights(model)
    h, c = state
    hs = []
    for e_t in torch.nn.functional.embedding(x, model["E"]):
        i, f, g, o = (torch.cat([e_t, h], 1) @ torch.cat([U, W], 1).T + b).chunk(4, 1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        hs.append(h)
    logits = torch.einsum("tnh,hv->tnv", torch.stack(hs), model["V"]) + model["d"]
    return (logits.logsumexp(-1) - logits.gather(-1, y.unsqueeze(-1)).squeeze(-1)).mean(), (h, c)


@right(L)
def one_hot_products(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
    V = model["d"].shape[0]
    pick = functional.one_hot(y, V).to(model["d"].dtype)
    h, c = run(x, state, model)
    p = torch.softmax(logits_of(h, model), -1)
    return -(pick * p.log()).sum(-1).mean(), (h[-1], c[-1])


@right(L)
def by_movedim(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
    h, c = run(x, tuple(part.clone() for part in state), model)
    return functional.cross_entropy(logits_of(h, model).permute(0, 2, 1), y), (h[-1], c[-1])


Score = Callable[[Tensor, Tensor], Any]


def _answer(score: Score = entropy, **rest: Any) -> Any:
    """The right answer with parts exchanged."""
    start = rest.get("start", lambda h, c: (h, c))
    shown = rest.get("shown", lambda h, c: h)
    end = rest.get("end", lambda h, c, state: (h[-1], c[-1]))
    weights = rest.get("weights", lambda model: model)
    letters = rest.get("letters", {})

    def answer(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
        h, c = run(x, start(*state), weights(model), **letters)
        return score(logits_of(shown(h, c), weights(model)), y), end(h, c, state)

    return answer


def _loop(new: Any) -> Any:
    """The loop with another step: new(now, h, c, first) gives what is carried and what is shown."""

    def answer(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
        (h, c), shown = state, []
        for e_t in model["E"][x]:
            h, c, seen = new(step(e_t, h, c, model), h, c, state)
            shown.append(seen)
        return entropy(logits_of(torch.stack(shown), model), y), (h, c)

    return answer


def _without(*names: str) -> Any:
    return lambda model: {
        name: torch.zeros_like(value) if name in names else value for name, value in model.items()
    }


def _nll(axis: int) -> Score:
    return lambda z, y: -z.log_softmax(axis).gather(-1, y[..., None]).mean()


bank.wrong_ones(
    L,
    ("asks_for_x", "target_not_shifted", "The text is its own target.",
     lambda x, y, state, model: _answer()(x, x, state, model)),
    ("reads_y", "reads_the_target", "y is the text.",
     lambda x, y, state, model: _answer()(y, y, state, model)),
    ("x_for_y", "x_and_y_swapped", "(y, x).",
     lambda x, y, state, model: _answer()(y, x, state, model)),
    ("from_zeros", "state_ignored", "Starts every window from zeros.",
     _answer(start=lambda h, c: (torch.zeros_like(h), torch.zeros_like(c)))),
    ("h_from_zeros", "hidden_state_ignored", "Only c is memory.",
     _answer(start=lambda h, c: (torch.zeros_like(h), c))),
    ("c_from_zeros", "cell_state_ignored", "Only h is a state.",
     _answer(start=lambda h, c: (h, torch.zeros_like(c)))),
    ("unpacked_as_c_h", "state_read_as_c_h", "c, h = state.", _answer(start=lambda h, c: (c, h))),
    ("old_state", "state_not_updated", "Returns state itself.",
     _answer(end=lambda h, c, state: state)),
    ("fresh_zeros", "state_of_zeros_returned", "A new start for the next window.",
     _answer(end=lambda h, c, state: (torch.zeros_like(h[-1]), torch.zeros_like(c[-1])))),
    ("c_h_returned", "state_returned_as_c_h", "(c, h).",
     _answer(end=lambda h, c, state: (c[-1], h[-1]))),
    ("c_twice", "c_returned_for_h", "c is the memory.",
     _answer(end=lambda h, c, state: (c[-1], c[-1]))),
    ("h_twice", "h_returned_for_c", "h is the output.",
     _answer(end=lambda h, c, state: (h[-1], h[-1]))),
    ("all_states", "states_of_all_steps", "All of h and c.",
     _answer(end=lambda h, c, state: (h, c))),
    ("first_states", "state_of_the_first_step", "h[0], c[0].",
     _answer(end=lambda h, c, state: (h[0], c[0]))),
    ("reads_out_c", "cell_read_out", "The memory knows more.", _answer(shown=lambda h, c: c)),
    ("reads_out_tanh_c", "squashed_cell_read_out", "Forgets the output gate.",
     _answer(shown=lambda h, c: c.tanh())),
    ("tanh_on_h", "squashed_read_out", "An activation before the read-out.",
     _answer(shown=lambda h, c: h.tanh())),
    ("sum_of_all", "summed", "reduction='sum'.", _answer(lambda z, y: each(z, y).sum())),
    ("sum_over_time", "summed_over_steps", "A sum over time, a mean over the batch.",
     _answer(lambda z, y: each(z, y).sum(0).mean())),
    ("sum_over_lanes", "summed_over_lanes", "The other way round.",
     _answer(lambda z, y: each(z, y).sum(1).mean())),
    ("mean_over_v", "divided_by_v", "one_hot times log p, then mean() of all.",
     _answer(lambda z, y: -(functional.one_hot(y, z.shape[-1]) * z.log_softmax(-1)).mean())),
    ("a_loss_a_step", "one_loss_a_step", "A curve of losses.",
     _answer(lambda z, y: each(z, y).mean(1))),
    ("no_mean", "not_averaged", "reduction='none'.", _answer(each)),
    ("last_guess", "last_step_only", "Many to one.", _answer(lambda z, y: each(z, y)[-1].mean())),
    ("shifted_here_too", "target_shifted_again", "The usual shift, on a y that has it.",
     _answer(lambda z, y: entropy(z[:-1], y[1:]))),
    ("rolled", "target_shifted_again", "roll for the shift.",
     _answer(lambda z, y: entropy(z, y.roll(-1, 0)))),
    ("x_shifted", "last_guess_missing", "Targets from x: y[:-1] is x[1:].",
     _answer(lambda z, y: entropy(z[:-1], y[:-1]))),
    ("first_skipped", "first_guess_missing", "The first step knows nothing.",
     _answer(lambda z, y: entropy(z[1:], y[1:]))),
    ("log2", "in_bits", "Bits at once.", _answer(lambda z, y: entropy(z, y) / math.log(2))),
    ("log10", "log_10", "log10.", _answer(lambda z, y: entropy(z, y) / math.log(10))),
    ("log_likelihood", "sign_missing", "Forgets the minus.", _answer(lambda z, y: -entropy(z, y))),
    ("probability", "no_logarithm", "nll_loss on probabilities.",
     _answer(lambda z, y: -z.softmax(-1).gather(-1, y[..., None]).mean())),
    ("log_of_mean", "log_of_the_mean", "Mean, then log.",
     _answer(lambda z, y: -z.softmax(-1).gather(-1, y[..., None]).mean().log())),
    ("perplexity", "perplexity_returned", "exp at the end.",
     _answer(lambda z, y: entropy(z, y).exp())),
    ("nll_of_logits", "no_softmax", "nll_loss on logits.",
     _answer(lambda z, y: functional.nll_loss(z.flatten(0, 1), y.flatten()))),
    ("entropy_of_softmax", "softmax_twice", "softmax, then cross_entropy.",
     _answer(lambda z, y: entropy(z.softmax(-1), y))),
    ("softmax_0", "softmax_over_steps", "log_softmax(0).", _answer(_nll(0))),
    ("softmax_1", "softmax_over_lanes", "log_softmax(1).", _answer(_nll(1))),
    ("no_gate_biases", "lstm_biases_missing", "The slides have none.",
     _answer(weights=_without("b_f", "b_i", "b_c", "b_o"))),
    ("no_d", "read_out_bias_missing", "h @ V.", _answer(weights=_without("d"))),
    ("i_for_f", "input_forget_swapped", "i and f mixed up.",
     _answer(letters={"f": "i", "i": "f"})),
    ("o_for_f", "forget_output_swapped", "o and f mixed up.",
     _answer(letters={"f": "o", "o": "f"})),
    ("h_stays", "state_not_updated hidden_not_carried", "Never assigns h.",
     _loop(lambda now, h, c, first: (first[0], now["c"], now["h"]))),
    ("no_carry", "states_not_carried", "Calls the step with the window's state each time.",
     lambda x, y, state, model: (lambda seen: (
         entropy(logits_of(torch.stack([s["h"] for s in seen]), model), y),
         (seen[-1]["h"], seen[-1]["c"])))([step(e, *state, model) for e in model["E"][x]])),
    ("plain_c", "no_tanh_on_cell", "h = o * c.",
     _loop(lambda now, h, c, first: (now["o"] * now["c"], now["c"], now["o"] * now["c"]))),
    ("loss_alone", "wrong_type", "Returns the loss only.",
     lambda x, y, state, model: whole_window_at_once(x, y, state, model)[0]),
    ("three_values", "wrong_type", "loss, h, c.",
     lambda x, y, state, model: (lambda loss, s: (loss, *s))(
         *whole_window_at_once(x, y, state, model))),
    ("state_first", "wrong_type", "state, loss.",
     lambda x, y, state, model: whole_window_at_once(x, y, state, model)[::-1]),
    ("unflattened", "classes_on_another_axis", "cross_entropy on (T, N, V).",
     _answer(lambda z, y: functional.cross_entropy(z, y))),
    ("batch_loop", "elementwise_sizes_differ", "Loops over the batch.",
     lambda x, y, state, model: _answer()(x.T, y.T, state, model)),
    ("stacked_state", "wrong_type", "One tensor (2, N, H), which unpacks as well.",
     _answer(end=lambda h, c, state: torch.stack([h[-1], c[-1]]))),
    ("a_name", "wrong_type", "A dict for a state.",
     _answer(end=lambda h, c, state: {"h": h[-1], "c": c[-1]})),
    ("an_axis_of_layers", "wrong_shape", "(1, N, H), as nn.LSTM's.",
     _answer(end=lambda h, c, state: (h[-1:], c[-1:]))),
    ("single_precision", "wrong_dtype", "float() on the weights.",
     lambda x, y, state, model: whole_window_at_once(
         x, y, tuple(s.float() for s in state), {n: w.float() for n, w in model.items()})),
)  # fmt: skip


@wrong(L, "read_out_before_the_step")
def guesses_first(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
    """Asks the read-out, then takes the step."""
    h, c = state
    shown = []
    for e_t in model["E"][x]:
        shown.append(h)
        now = step(e_t, h, c, model)
        h, c = now["h"], now["c"]
    return entropy(logits_of(torch.stack(shown), model), y), (h, c)


@wrong(L, "loss_a_plain_number")
def item(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
    """One number is asked for."""
    loss, after = whole_window_at_once(x, y, state, model)
    return loss.item(), after


@wrong(L, "loss_a_plain_number")
def sum_of_items(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
    """A running sum of numbers."""
    h, c = run(x, state, model)
    total = 0.0
    for loss in each(logits_of(h, model), y).mean(1):
        total += loss.item()
    return total / len(x), (h[-1], c[-1])


@wrong(L, "loss_cut_off")
def detached(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
    """detach on the loss instead of the state."""
    loss, after = whole_window_at_once(x, y, state, model)
    return loss.detach(), after


@wrong(L, "loss_cut_off")
@torch.no_grad()
def without_grad(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
    """Copied from the measuring on the held-out text."""
    return whole_window_at_once(x, y, state, model)


@wrong(L, "loss_cut_off")
def a_new_tensor(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
    """A tensor is wanted: makes one of the number."""
    loss, after = whole_window_at_once(x, y, state, model)
    return torch.as_tensor(float(loss)).to(loss), after


def _cut(new: Callable[[Tensor, Tensor], Pair]) -> Any:
    return _loop(lambda now, h, c, first: (*new(now["h"], now["c"]), now["h"]))


bank.wrong_ones(
    L,
    ("detached_at_every_step", "state_cut_at_every_step", "detach in the wrong loop.",
     _cut(lambda h, c: (h.detach(), c.detach()))),
    ("h_detached_at_every_step", "state_cut_at_every_step", "h alone.",
     _cut(lambda h, c: (h.detach(), c))),
    ("c_detached_at_every_step", "state_cut_at_every_step", "c alone.",
     _cut(lambda h, c: (h, c.detach()))),
    ("h_detached_for_the_logits", "read_out_cut_off", "detach before the read-out.",
     _answer(shown=lambda h, c: h.detach())),
)  # fmt: skip


@wrong(L, "input_changed")
def folds_the_bias_in(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
    """Writes into the state that it was given."""
    h, c = run(x, (state[0].clone(), state[1].clone()), model)
    state[0].copy_(h[-1])
    return entropy(logits_of(h, model), y), (h[-1], c[-1])


@wrong(L, "wrong_device")
def zeros_on_the_cpu(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
    """Collects h in a tensor made without a device."""
    h, c = run(x, state, model)
    kept = torch.zeros(h.shape, dtype=h.dtype)
    for t in range(len(h)):
        kept[t] = h[t]
    return entropy(logits_of(kept, model), y), (h[-1], c[-1])


@wrong(L, "forbidden_call")
def kernel(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
    """PyTorch's LSTM by its function."""
    h, h_last, c_last = torch_lstm(x, state, model)
    return entropy(logits_of(h, model), y), (h_last[0], c_last[0])


@wrong(L, "forbidden_call")
def cell_kernel(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
    """PyTorch's cell."""
    (h, c), hs = state, []
    for e_t in model["E"][x]:
        h, c = torch.lstm_cell(e_t, (h, c), *torch_weights(model))
        hs.append(h)
    return entropy(logits_of(torch.stack(hs), model), y), (h, c)


@wrong(L, "forbidden_call")
def module(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
    """nn.LSTM with the weights loaded."""
    D, H = model["U_f"].shape
    lstm = nn.LSTM(D, H, dtype=model["E"].dtype, device=x.device)
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    lstm.load_state_dict(dict(zip(names, torch_weights(model), strict=True)))
    h, (h_last, c_last) = lstm(model["E"][x], (state[0][None], state[1][None]))
    return entropy(logits_of(h, model), y), (h_last[0], c_last[0])


@wrong(L, "forbidden_call")
def by_another_road(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
    """The operator under its other name."""
    h, h_last, c_last = torch.ops.aten.lstm.input(
        model["E"][x], [state[0][None], state[1][None]], torch_weights(model), True, 1, 0.0,
        False, False, False)  # fmt: skip
    return entropy(logits_of(h, model), y), (h_last[0], c_last[0])


# --- bits -----------------------------------------------------------------------------------------

BITS = "bits_per_character"
bank.right_ones(
    BITS,
    divided=lambda loss: loss / math.log(2),
    log2_of_e=lambda loss: loss * math.log2(math.e),
    of_perplexity=lambda loss: math.log2(math.exp(float(loss))),
    by_torch=lambda loss: torch.as_tensor(loss, dtype=torch.float64) / torch.tensor(2.0).log(),
    by_numpy=lambda loss: float(loss) / float(np.log(2)),
    change_of_base=lambda loss: loss * (1 / math.log(2)),
)
bank.wrong_ones(
    BITS,
    ("times_ln_2", "multiplied_by_ln_2", "The wrong way round.", lambda loss: loss * math.log(2)),
    ("exp", "perplexity", "Confuses the two.", lambda loss: math.exp(loss)),
    ("power", "two_to_the_loss", "Perplexity to base 2.", lambda loss: 2**loss),
    ("same", "still_nats", "A loss is a loss.", lambda loss: loss),
    ("log2", "log_of_the_loss", "log2 for bits.", lambda loss: math.log2(loss)),
    ("log", "natural_log_of_the_loss", "Minus log of something.", lambda loss: math.log(loss)),
    ("over_ln_10", "decimal_digits", "log 10.", lambda loss: loss / math.log(10)),
    ("halved", "divided_by_two", "Bits are twos.", lambda loss: loss / 2),
    ("log10_2", "divided_by_log10_2", "log10(2).", lambda loss: loss / math.log10(2)),
    ("ln_2_of_the_text", "constant_rounded", "0.693.", lambda loss: loss / 0.693),
    ("ln_2_of_a_table", "constant_rounded", "Six digits.", lambda loss: loss / 0.693147),
    ("bits_of_a_nat", "constant_rounded", "1.4427.", lambda loss: loss * 1.4427),
    ("minus", "negated", "A sign.", lambda loss: -loss / math.log(2)),
    ("over_eight", "bytes", "A character is a byte.", lambda loss: loss / math.log(2) / 8),
    ("whole", "rounded", "Bits are whole.", lambda loss: round(float(loss) / math.log(2)) * 1.0),
    ("twice", "converted_twice", "Once in the loss, once here.",
     lambda loss: loss / math.log(2) / math.log(2)),
    ("doubled", "multiplied_by_two", "Times two.", lambda loss: loss * 2),
    ("tensors_only", "unknown_attribute", "Tensor methods on a float.",
     lambda loss: loss.exp().log2()),
    ("an_axis", "wrong_shape", "A tensor of one element.",
     lambda loss: torch.tensor([float(loss) / math.log(2)])),
    ("words", "wrong_type", "Formats it.", lambda loss: f"{loss / math.log(2):.2f} bits"),
    ("printed", "nothing_returned", "Prints it.", lambda loss: print(loss / math.log(2))),
)  # fmt: skip
