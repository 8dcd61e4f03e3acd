"""The loss of a character model and the wrong answers to it; nats and bits."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from autograder.checking.compare import UnreadableError, count_misses
from autograder.checking.drivers import learn
from autograder.checking.exercise import Misconception, Output, Sizes
from autograder.checking.values import Inputs, Path, Value, follow
from autograder.exercises._language_model import (
    Layer,
    Model,
    draw_ids,
    draw_model,
    hidden,
    read_out,
    spec,
    torch_lstm,
)
from autograder.exercises._lstm import draw_normal
from autograder.exercises._lstm_wrong_cell import CELL
from autograder.exercises._lstm_wrong_layer import LAYER
from autograder.exercises._lstm_wrong_weights import Pair

FLOAT32 = torch.float32
#: Every size another; D > H; all alike; one step; one lane; one unit; single precision.
CASES = (
    spec("TNDHV", 5, 3, 4, 2, 6),
    spec("TNDHV", 4, 2, 6, 3, 5),
    spec("TNDHV", 4, 4, 4, 4, 4),
    spec("TNDHV", 1, 3, 2, 5, 4),
    spec("TNDHV", 6, 1, 2, 1, 3),
    spec("TNDHV", 4, 2, 3, 5, 7, dtype=FLOAT32),
)

Loss = Callable[[Tensor, Tensor, Pair, Model], Any]
Score = Callable[[Tensor, Tensor], Tensor]


def draw(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """x, y (T, N), a state that is not zero, a model. y is x one ahead, as in a text."""
    T, N, H, V = (sizes[letter] for letter in "TNHV")
    text = draw_ids(V, g, T + 1, N)
    state = draw_normal(g, N, H), draw_normal(g, N, H)
    return {
        "x": text[:-1].clone(),
        "y": text[1:].clone(),
        "state": state,
        "model": draw_model(sizes, g),
    }


def mean_nats(logits: Tensor, y: Tensor) -> Tensor:
    """PyTorch's cross-entropy over all steps and lanes."""
    return functional.cross_entropy(logits.flatten(0, 1), y.flatten())


def _loss(
    score: Score = mean_nats,
    layer: Layer = torch_lstm,
    start: Callable[[Pair], Pair] = lambda state: state,
    end: Callable[[Tensor, Tensor, Pair], Any] = lambda h, c, state: (h[-1], c[-1]),
    shown: Callable[[Tensor, Tensor], Tensor] = lambda h, c: h,
    biases: bool = True,
) -> Loss:
    """The loss and the new state, with one of its parts exchanged."""

    def answer(x: Tensor, y: Tensor, state: Pair, model: Model) -> tuple[Tensor, Any]:
        h, c = hidden(x, start(state), model, layer, biases)
        return score(read_out(shown(h, c), model), y), end(h, c, state)

    return answer


torch_loss = _loss()


def learning(answer: Loss) -> Loss:
    """What the driver makes of `answer`: what it returns, and its loss's gradients."""
    return lambda x, y, state, model: learn(
        answer, {"x": x, "y": y, "state": state, "model": model}
    )


oracle = learning(torch_loss)

#: What a solution returns, for the sentence that counts it.
_RETURNED = (Output("loss", (), (0,)), Output("state", (), (1,)))


def _counted(value: Value) -> Value:
    """What was returned, if it is two things."""
    misses = count_misses(_RETURNED, value["returned"])
    if misses:
        raise UnreadableError("wrong_type", misses[0].says)
    return value["returned"]


def part(*path: int) -> Callable[[Inputs, Value], Value]:
    """A view of a part of what was returned."""
    whole: Path = path
    return lambda inputs, value: follow(_counted(value), whole)


def gradients(inputs: Inputs, value: Value) -> Tensor:
    """The loss's gradients by all weights in one row, in the order of the model."""
    loss = _counted(value)[0]
    if value["grads"] is not None:
        return torch.cat([value["grads"][name].flatten() for name in inputs["model"]])
    if isinstance(loss, Tensor):
        says = (
            "Autograd cannot walk back from your loss, so nothing can be trained with it. Its "
            "number may be right: `detach`, `torch.no_grad` or a new `torch.tensor(...)` cut it "
            "off from the weights."
        )
        raise UnreadableError("loss_cut_off", says)
    says = (
        "The loss is a plain number: autograd cannot walk back from it, so nothing can be trained "
        "with it. `.item()` and `float()` are for printing; return the tensor itself."
    )
    raise UnreadableError("loss_a_plain_number", says)


def weight_at(inputs: Inputs, index: tuple[int, ...]) -> str:
    """Where an element of `gradients` lies: `the gradient of W_f, row 1, column 0`."""
    left = index[0]
    for name, weight in inputs["model"].items():
        if left < weight.numel():
            places = [int(i) for i in torch.unravel_index(torch.tensor(left), weight.shape)]
            words = ("row", "column")[2 - len(places) :] if len(places) > 1 else ("unit",)
            said = (f"{word} {i}" for word, i in zip(words, places, strict=True))
            return f"the gradient of {name}, {', '.join(said)}"
        left -= weight.numel()
    return f"index {index[0]}"


def _each(logits: Tensor, y: Tensor) -> Tensor:
    """PyTorch's cross-entropy of each step and lane, (T, N)."""
    return functional.cross_entropy(logits.movedim(-1, 1), y, reduction="none")


def _normed_over(axis: int) -> Score:
    return lambda logits, y: functional.nll_loss(
        logits.log_softmax(axis).flatten(0, 1), y.flatten()
    )


def _inputs_as_targets(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
    return torch_loss(x, x, state, model)


def _without_read_out_bias(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
    return torch_loss(x, y, state, {**model, "d": torch.zeros_like(model["d"])})


def _reads_the_targets(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
    return torch_loss(y, y, state, model)


def _swapped_texts(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
    return torch_loss(y, x, state, model)


def _read_before_the_step(x: Tensor, y: Tensor, state: Pair, model: Model) -> Any:
    h, c = hidden(x, state, model)
    shown = torch.cat([state[0][None], h[:-1]])
    return mean_nats(read_out(shown, model), y), (h[-1], c[-1])


def _through(name: str) -> tuple[Misconception, ...]:
    """The LSTM's own known mistakes of this name, inside the loss."""
    cells = [(m, cell_layer(m.answer)) for m in CELL if m.name == name]
    layers = [(m, m.answer) for m in LAYER if m.name == name]
    return tuple(
        Misconception(m.name, m.says, m.look, learning(_loss(layer=layer)))
        for m, layer in cells or layers
    )


def cell_layer(cell: Callable[..., Pair]) -> Layer:
    """`cell` at every step, as a layer."""

    def layer(x: Tensor, h0: Tensor, c0: Tensor, params: Any) -> Pair:
        h, c, seen = h0, c0, []
        for x_t in x:
            h, c = cell(x_t, h, c, params)
            seen.append((h, c))
        return torch.stack([a for a, _ in seen]), torch.stack([b for _, b in seen])

    return layer


#: Mistakes inside the cell that are worth a name here; the notebook 01_gates names all of them.
OF_THE_CELL = (
    "input_forget_swapped",
    "forget_output_swapped",
    "input_output_swapped",
    "candidate_output_swapped",
    "tanh_on_forget",
    "tanh_on_input",
    "tanh_on_output",
    "sigmoid_on_candidate",
    "no_tanh_on_cell",
    "tanh_stored_in_cell",
    "hidden_from_previous_cell",
    "carry_missing",
    "forget_gate_complemented",
    "output_gate_unused",
    "previous_weights_transposed",
    "previous_state_missing",
)
#: Those of the loop over time.
OF_THE_LOOP = ("hidden_not_carried", "cell_not_carried", "states_not_carried",
               "states_swapped_between_steps", "squashed_cell_carried")  # fmt: skip

_SHIFT = "The character after x[t] is y[t]: the loss asks for that one."
_STATE = "The first step starts from `state`; what you hand back is the state after the last step."
_MEAN = "A mean over all T N guesses: steps and lanes alike."
_LOG = "Natural logarithms: nats. Bits come later."


def _named(name: str, says: str, look: str, answer: Loss, *twins: str) -> Misconception:
    return Misconception(name, says, look, learning(answer), twins)


def _kept(h: Tensor, c: Tensor) -> Pair:
    return h, c


def _cut(cut: Callable[[Tensor, Tensor], Pair], shown: bool = False) -> Loss:
    """A loss with right numbers, and with the way back cut between two steps, or at the read-out.

    All of a step's arithmetic is PyTorch's; `cut` is what is carried on.
    """

    def layer(x: Tensor, h0: Tensor, c0: Tensor, params: Any) -> Pair:
        h, c, seen = h0, c0, []
        for x_t in x.split(1):
            hs, cs = torch_lstm(x_t, *cut(h, c), params)
            h, c = hs[0], cs[0]
            seen.append((h, c))
        return torch.stack([a for a, _ in seen]), torch.stack([b for _, b in seen])

    return _loss(layer=layer, shown=(lambda h, c: h.detach()) if shown else (lambda h, c: h))


_BACK = (
    "Between two windows the state is cut, and the training loop does that. Inside a window the "
    "gradients go back through all steps."
)

LOSS: tuple[Misconception, ...] = (
    _named("target_not_shifted", "The loss asks for the character that was just read, x[t].",
           _SHIFT, _inputs_as_targets),
    _named("reads_the_target", "The LSTM reads y: it is asked for what it has just seen.",
           "x is read, y is asked for.", _reads_the_targets),
    _named("x_and_y_swapped", "x and y have changed places: y is read, x is asked for.",
           "The order of the arguments is (x, y, state, model).", _swapped_texts),
    _named("state_ignored", "`state` is ignored: every call starts from zeros.", _STATE,
           _loss(start=lambda state: (state[0] * 0, state[1] * 0))),
    _named("hidden_state_ignored", "The first step's h is zero; it should be the state's.", _STATE,
           _loss(start=lambda state: (state[0] * 0, state[1]))),
    _named("cell_state_ignored", "The first step's c is zero; it should be the state's.", _STATE,
           _loss(start=lambda state: (state[0], state[1] * 0))),
    _named("state_read_as_c_h", "`state` is taken apart as (c, h); it is (h, c).", _STATE,
           _loss(start=lambda state: (state[1], state[0]))),
    _named("state_not_updated", "You hand back the state that came in.", _STATE,
           _loss(end=lambda h, c, state: state)),
    _named("state_of_zeros_returned", "The state you hand back is all zeros.", _STATE,
           _loss(end=lambda h, c, state: (h[-1] * 0, c[-1] * 0))),
    _named("state_returned_as_c_h", "You hand back (c, h); the order is (h, c).", _STATE,
           _loss(end=lambda h, c, state: (c[-1], h[-1]))),
    _named("c_returned_for_h", "Both parts of the state you hand back are c.", _STATE,
           _loss(end=lambda h, c, state: (c[-1], c[-1]))),
    _named("h_returned_for_c", "Both parts of the state you hand back are h.", _STATE,
           _loss(end=lambda h, c, state: (h[-1], h[-1]))),
    _named("states_of_all_steps", "You hand back the states of all steps.",
           "Of h (T, N, H) the last step alone, (N, H), goes on to the next window.",
           _loss(end=lambda h, c, state: (h, c))),
    _named("state_of_the_first_step", "You hand back the state after the first step.", _STATE,
           _loss(end=lambda h, c, state: (h[0], c[0]))),
    _named("cell_read_out", "The logits are made from c; they should be made from h.",
           "What an LSTM shows is h: logits = h V + d.", _loss(shown=lambda h, c: c)),
    _named("squashed_cell_read_out", "The logits are made from tanh(c): no output gate.",
           "What an LSTM shows is h: logits = h V + d.", _loss(shown=lambda h, c: c.tanh())),
    _named("read_out_before_the_step", "The logits are made from h as it was before the step.",
           "z_t is made of h_t: first the step that reads x_t, then the read-out.",
           _read_before_the_step),
    _named("squashed_read_out", "There is a tanh between h and the logits.", "logits = h V + d.",
           _loss(shown=lambda h, c: h.tanh())),
    _named("summed", "The loss is a sum over all guesses.", _MEAN,
           _loss(lambda z, y: _each(z, y).sum())),
    _named("summed_over_steps", "The loss is summed over the steps.", _MEAN,
           _loss(lambda z, y: _each(z, y).sum(0).mean())),
    _named("summed_over_lanes", "The loss is summed over the lanes.", _MEAN,
           _loss(lambda z, y: _each(z, y).sum(1).mean())),
    _named("divided_by_v", "The loss is divided by the number of characters V, too.",
           "A mean over steps and lanes; of the V log-probabilities one alone counts.",
           _loss(lambda z, y: mean_nats(z, y) / z.shape[-1])),
    _named("one_loss_a_step", "You return a loss for each step.", _MEAN,
           _loss(lambda z, y: _each(z, y).mean(1))),
    _named("not_averaged", "You return a loss for each step and lane.", _MEAN,
           _loss(_each)),
    _named("last_step_only", "Only the last step counts in the loss.",
           "Every step guesses a character, and every guess counts.",
           _loss(lambda z, y: _each(z, y)[-1].mean())),
    *(_named("target_shifted_again", "y is shifted once more: the loss asks for the character "
             "after the next.", f"{_SHIFT} y is shifted already.", answer)
      for answer in (
          _loss(lambda z, y: _each(z[:-1], y[1:]).mean()),
          _loss(lambda z, y: mean_nats(z, y.roll(-1, 0))),
      )),
    _named("last_guess_missing", "The last step's guess is missing in the loss.",
           "The targets stand in y, all T of them: x shifted has only T - 1.",
           _loss(lambda z, y: _each(z, y)[:-1].mean())),
    _named("first_guess_missing", "The first step's guess is missing in the loss.",
           "Every step guesses a character, and every guess counts.",
           _loss(lambda z, y: _each(z, y)[1:].mean())),
    _named("in_bits", "The loss is in bits: a logarithm to base 2.", _LOG,
           _loss(lambda z, y: mean_nats(z, y) / math.log(2))),
    _named("log_10", "The loss is a logarithm to base 10.", _LOG,
           _loss(lambda z, y: mean_nats(z, y) / math.log(10))),
    _named("sign_missing", "The loss is negative: the sign is missing.",
           "The logarithm of a probability is negative; a loss is its negative.",
           _loss(lambda z, y: -mean_nats(z, y))),
    _named("no_logarithm", "The loss is made from probabilities without a logarithm.",
           "Minus the *logarithm* of the probability of y.",
           _loss(lambda z, y: -_each(z, y).neg().exp().mean())),
    _named("log_of_the_mean", "This is the logarithm of the mean probability.",
           "First the logarithm of each probability, then the mean.",
           _loss(lambda z, y: -_each(z, y).neg().exp().mean().log())),
    _named("perplexity_returned", "This is the perplexity, e to the loss.", _LOG,
           _loss(lambda z, y: mean_nats(z, y).exp())),
    _named("no_softmax", "The logit of y is used as if it were its log-probability.",
           "A log-softmax over the V characters comes first.",
           _loss(lambda z, y: -z.gather(-1, y[..., None]).mean())),
    _named("softmax_twice", "The softmax is taken twice.",
           "Cross-entropy takes logits and does the softmax itself.",
           _loss(lambda z, y: mean_nats(z.softmax(-1), y))),
    _named("softmax_over_steps", "The softmax runs over the steps; it should run over characters.",
           "logits are (T, N, V): dim=-1.", _loss(_normed_over(0))),
    _named("softmax_over_lanes", "The softmax runs over the lanes; it should run over characters.",
           "logits are (T, N, V): dim=-1.", _loss(_normed_over(1))),
    _named("lstm_biases_missing", "The gates' biases b_* are not added.",
           "x_t U + h W + b, for each of the four.", _loss(biases=False)),
    _named("read_out_bias_missing", "The read-out's bias d is not added.", "logits = h V + d.",
           _without_read_out_bias),
    *(_named("state_cut_at_every_step", f"The numbers are right, but {what} cut off at every step: "
             "no gradient goes back through time.", _BACK, _cut(cut))
      for what, cut in (
          ("h and c are", lambda h, c: (h.detach(), c.detach())),
          ("h is", lambda h, c: (h.detach(), c)),
          ("c is", lambda h, c: (h, c.detach())),
      )),
    _named("read_out_cut_off", "The numbers are right, but h is cut off before the logits: only "
           "the read-out would learn.", "No `detach` between h and the logits.",
           _cut(_kept, shown=True)),
    *(one for name in (*OF_THE_LOOP, *OF_THE_CELL) for one in _through(name)),
)  # fmt: skip


# --- bits -----------------------------------------------------------------------------------------


def draw_loss(sizes: Sizes, scale: float, g: torch.Generator) -> Inputs:
    """A mean cross-entropy over N rows of V classes: a tensor, or a float where N is 1."""
    N, V = sizes["N"], sizes["V"]
    logits = scale * draw_normal(g, N, V)
    loss = functional.cross_entropy(logits, torch.randint(V, (N,), generator=g))
    return {"loss": float(loss) if N == 1 else loss}


def torch_bits(loss: float | Tensor) -> Tensor:
    """PyTorch's log2 of e to the loss."""
    return _tensor(loss).exp().log2()


def _tensor(loss: float | Tensor) -> Tensor:
    return loss if isinstance(loss, Tensor) else torch.tensor(loss, dtype=torch.float64)


def _of(change: Callable[[Tensor], Tensor]) -> Callable[[float | Tensor], Tensor]:
    return lambda loss: change(_tensor(loss))


def _over(number: float) -> Callable[[Tensor], Tensor]:
    return lambda loss: loss / number


def _times(number: float) -> Callable[[Tensor], Tensor]:
    return lambda loss: loss * number


_UNITS = "How many bits is one nat? e is 2 to the power of that."
BITS: tuple[Misconception, ...] = tuple(
    Misconception(name, says, look, _of(change))
    for name, says, look, change in (
        ("multiplied_by_ln_2", "The loss is multiplied by ln 2.",
         "A bit is smaller than a nat, so there are more of them.", lambda x: x * math.log(2)),
        ("perplexity", "This is the perplexity, e to the loss.", _UNITS, torch.exp),
        ("two_to_the_loss", "This is 2 to the loss.", _UNITS, torch.exp2),
        ("still_nats", "This is the loss itself, in nats.", _UNITS, lambda x: x.clone()),
        ("log_of_the_loss", "A logarithm is taken of the loss, to base 2.",
         "The loss *is* a logarithm already; only its base changes.", torch.log2),
        ("natural_log_of_the_loss", "A logarithm is taken of the loss.",
         "The loss *is* a logarithm already; only its base changes.", torch.log),
        ("decimal_digits", "The loss is divided by ln 10: those are decimal digits.", _UNITS,
         lambda x: x / math.log(10)),
        ("divided_by_two", "The loss is divided by 2, not by the logarithm of 2.", _UNITS,
         lambda x: x / 2),
        ("divided_by_log10_2", "The logarithm of 2 is one to base 10.",
         "The loss is in natural logarithms; so is this one.", lambda x: x / math.log10(2)),
        *(("constant_rounded", f"The number that you {verb} by is rounded.",
           "`math.log(2)` is ln 2 with all its digits; the check sees seven of them.", change)
          for verb, change in (
              *(("divide", _over(ln_2)) for ln_2 in (0.69, 0.693, 0.6931, 0.69315, 0.693147)),
              *(("multiply", _times(e)) for e in (1.44, 1.443, 1.4427)),
          )),
        ("negated", "The number of bits is negative.", "A loss is at least 0.",
         lambda x: -x / math.log(2)),
        ("bytes", "The bits are divided by 8.", "Bits for a character, whatever a file spends.",
         lambda x: x / math.log(2) / 8),
        ("rounded", "The number of bits is rounded.",
         "A mean over many characters need not be whole.",
         lambda x: (x / math.log(2)).round()),
        ("converted_twice", "The loss is changed into bits twice.", "Once is enough.",
         lambda x: x / math.log(2) ** 2),
        ("multiplied_by_two", "The loss is multiplied by 2.", _UNITS, lambda x: x * 2),
    )
)  # fmt: skip
