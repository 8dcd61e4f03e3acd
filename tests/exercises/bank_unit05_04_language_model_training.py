"""Answers to `train_language_model`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank

bank = Bank()
EXERCISE = "train_language_model"
Model = dict[str, Tensor]
LANES, STEPS = 48, 10


def first_weights(n_symbols: int, seed: int, D: int = 16, H: int = 64) -> Model:
    g = torch.Generator().manual_seed(seed)
    shapes = {"E": (n_symbols, D), "V": (H, n_symbols)}
    shapes |= {f"U_{gate}": (D, H) for gate in "fico"} | {f"W_{gate}": (H, H) for gate in "fico"}
    model = {name: 0.6 * torch.randn(s, generator=g) / s[0] ** 0.5 for name, s in shapes.items()}
    model["E"] = 0.3 * torch.randn(n_symbols, D, generator=g)
    model |= {f"b_{gate}": torch.full((H,), float(gate == "f")) for gate in "fico"}
    model["d"] = torch.zeros(n_symbols)
    return {name: value.requires_grad_() for name, value in model.items()}


def windows(ids: Tensor, lanes: int = LANES, steps: int = STEPS) -> Iterator[tuple[Tensor, Tensor]]:
    M = (len(ids) - 1) // lanes
    x, y = (ids[k : k + lanes * M].view(lanes, M).T for k in (0, 1))
    for start in range(0, M - steps + 1, steps):
        yield x[start : start + steps], y[start : start + steps]


def loss_of(x: Tensor, y: Tensor, state: Any, model: Model) -> tuple[Tensor, Any]:
    h, c = state
    shown = []
    for e_t in model["E"][x]:
        z = {g: e_t @ model[f"U_{g}"] + h @ model[f"W_{g}"] + model[f"b_{g}"] for g in "fico"}
        c = z["f"].sigmoid() * c + z["i"].sigmoid() * z["c"].tanh()
        h = z["o"].sigmoid() * c.tanh()
        shown.append(h)
    log_p = (torch.stack(shown) @ model["V"] + model["d"]).log_softmax(-1)
    return -log_p.gather(-1, y[..., None]).mean(), (h, c)


def descend(
    model: Model,
    ids: Tensor,
    updates: int,
    rate: float = 2e-2,
    pairs: Any = windows,
    zero: bool = True,
    sign: float = 1.0,
) -> Model:
    """Adam, the state carried and detached."""
    optimiser = torch.optim.Adam(model.values(), lr=rate)
    done, H = 0, len(model["W_f"])
    while done < updates:
        state: Any = None
        for x, y in pairs(ids):
            if done == updates:
                break
            if state is None:
                state = (torch.zeros(x.shape[1], H), torch.zeros(x.shape[1], H))
            loss, state = loss_of(x, y, state, model)
            state = tuple(part.detach() for part in state)
            if zero:
                optimiser.zero_grad()
            (sign * loss).backward()
            torch.nn.utils.clip_grad_norm_(model.values(), 1.0)
            optimiser.step()
            done += 1
    return {name: weight.detach() for name, weight in model.items()}


@bank.right(EXERCISE)
def carried_state(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    return descend(first_weights(n_symbols, seed), ids, updates)


@bank.right(EXERCISE)
def few_lanes_long_windows(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    """32 lanes of 20 steps, 80 units, weights still with their history."""
    model = first_weights(n_symbols, seed, 24, 80)
    descend(model, ids, updates, pairs=lambda ids: windows(ids, 32, 20))
    return model


@bank.right(EXERCISE)
def random_windows_without_state(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    """Windows from anywhere, each from zeros, RMSprop."""
    g = torch.Generator().manual_seed(seed)
    model = first_weights(n_symbols, seed)
    optimiser = torch.optim.RMSprop(model.values(), lr=8e-3)
    for _ in range(updates):
        starts = torch.randint(len(ids) - 21, (32,), generator=g)
        window = ids[starts[:, None] + torch.arange(21)].T
        state = (torch.zeros(32, 64), torch.zeros(32, 64))
        loss, _ = loss_of(window[:-1], window[1:], state, model)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return {name: weight.detach() for name, weight in model.items()}


@bank.right(EXERCISE)
def global_seed(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    """`manual_seed` and PyTorch's own generator; a progress line."""
    torch.manual_seed(seed)
    model = first_weights(n_symbols, int(torch.randint(10**6, ())))
    trained = descend(model, ids, updates, rate=3e-2)
    print("done", updates)
    return trained


@bank.wrong(EXERCISE, "not_started")
def stub(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    """Nothing yet."""
    raise NotImplementedError("write this")


@bank.wrong(EXERCISE, "wrong_form")
def nothing(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    """Forgets to return."""
    descend(first_weights(n_symbols, seed), ids, 2)


@bank.wrong(EXERCISE, "wrong_form")
def a_list(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    """Returns the weights without their names."""
    return list(descend(first_weights(n_symbols, seed), ids, 2).values())


@bank.wrong(EXERCISE, "missing_key")
def without_d(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    """Does without the read-out's bias."""
    model = descend(first_weights(n_symbols, seed), ids, 2)
    del model["d"]
    return model


@bank.wrong(EXERCISE, "shapes_differ")
def one_symbol_more(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    """Makes room for an unknown character."""
    return descend(first_weights(n_symbols + 1, seed), ids, 2)


@bank.wrong(EXERCISE, "seed_ignored", "not_trained")
def no_seed(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    """First weights from the global generator, which nobody seeds."""
    chance = int(torch.randint(10**6, ()))
    return descend(first_weights(n_symbols, chance), ids, 1)


@bank.wrong(EXERCISE, "seed_unused", "not_trained")
def always_zero(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    """Seed 0, as in the notebook."""
    return descend(first_weights(n_symbols, 0), ids, 1)


@bank.wrong(EXERCISE, "not_trained")
def untrained(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    """Returns the first weights."""
    return {name: w.detach() for name, w in first_weights(n_symbols, seed).items()}


@bank.wrong(EXERCISE, "worse_than_nothing")
def uphill(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    """Minus too many: the loss rises."""
    return descend(first_weights(n_symbols, seed), ids, 20, sign=-1.0)


@bank.wrong(EXERCISE, "not_trained")
def tiny_rate(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    """A learning rate of 1e-6."""
    return descend(first_weights(n_symbols, seed), ids, 20, rate=1e-6)


@bank.wrong(EXERCISE, "target_not_shifted")
def x_for_y(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    """The target is what was read: the loss falls to nothing."""
    model = first_weights(n_symbols, seed)
    return descend(model, ids, updates, pairs=lambda ids: ((x, x) for x, _ in windows(ids)))


@bank.wrong(EXERCISE, "x_and_y_swapped")
def y_read_x_asked(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    """`for y, x in …`."""
    model = first_weights(n_symbols, seed)
    return descend(model, ids, updates, pairs=lambda ids: ((y, x) for x, y in windows(ids)))


@bank.wrong(EXERCISE, "updates_ignored")
def whole_passes(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    """Counts only between two passes over the text."""
    return descend(first_weights(n_symbols, seed), ids, max(updates, 24))


@bank.wrong(EXERCISE, "not_trained")
def x_in_other_lanes(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    """Shuffles the lanes of x and not those of y."""
    model = first_weights(n_symbols, seed)
    return descend(
        model, ids, updates, pairs=lambda ids: ((x.roll(1, 1), y) for x, y in windows(ids))
    )


@bank.wrong(EXERCISE, "target_shifted_again")
def two_ahead(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    """Shifts the shifted target."""

    def pairs(ids: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        return ((x[:-1], y[1:]) for x, y in windows(ids))

    return descend(first_weights(n_symbols, seed), ids, updates, pairs=pairs)


@bank.wrong(EXERCISE, "text_reversed")
def backwards(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    """Turns the text round."""
    return descend(first_weights(n_symbols, seed), ids.flip(0), updates)


@bank.wrong(EXERCISE, "gates_exchanged")
def names_mixed_up(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    """Gives the forget gate's weights back under the input gate's names."""
    model = descend(first_weights(n_symbols, seed), ids, updates)
    turned = {"f": "i", "i": "f"}
    return {
        name: model[f"{name[:2]}{turned[name[2]]}"] if name[2:] in turned else weight
        for name, weight in model.items()
    }


@bank.wrong(EXERCISE, "below_the_bar")
def a_few_updates(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    """Stops after a quarter of the updates."""
    return descend(first_weights(n_symbols, seed), ids, updates // 4)


@bank.wrong(EXERCISE, "below_the_bar")
def eight_units(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    """A model with eight units."""
    return descend(first_weights(n_symbols, seed, 8, 8), ids, updates)


def _undetached(retain_graph: bool) -> Any:
    def answer(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
        model = first_weights(n_symbols, seed)
        optimiser = torch.optim.Adam(model.values())
        state: Any = (torch.zeros(LANES, 64), torch.zeros(LANES, 64))
        for x, y in windows(ids):
            loss, state = loss_of(x, y, state, model)
            loss.backward(retain_graph=retain_graph)
            optimiser.step()
        return model

    return answer


bank.wrong_ones(
    EXERCISE,
    ("state_not_detached", "state_not_detached", "walks back into the window before",
     _undetached(False)),
    ("graph_retained", "state_not_detached", "does what PyTorch's error says", _undetached(True)),
)  # fmt: skip


@bank.wrong(EXERCISE, "forbidden_call")
def torchs_lstm(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    """Trains PyTorch's layer and takes its weights over."""
    torch.nn.LSTM(16, 64)
    return descend(first_weights(n_symbols, seed), ids, 2)


@bank.wrong(EXERCISE, "forbidden_call")
def the_lectures_training(ids: Tensor, n_symbols: int, updates: int, seed: int) -> Any:
    """Looks into the lecture's own experiments."""
    from course.experiments.characters import unigram_bits

    assert unigram_bits
    return descend(first_weights(n_symbols, seed), ids, 2)
