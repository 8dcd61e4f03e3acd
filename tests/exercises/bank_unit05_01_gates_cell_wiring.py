"""Wrong answers to lstm_cell whose equations are right and whose wiring isn't."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit05_01_gates_parts import Params, before_squashing, four_gates, step

bank = Bank()
wrong = bank.wrong
Pair = tuple[Tensor, Tensor]

# What is left over in a notebook from cells run earlier.
PARAMS: Params = {f"U_{k}": torch.full((6, 10), 0.1) for k in "fico"}
PARAMS |= {f"W_{k}": torch.full((10, 10), -0.1) for k in "fico"}


@wrong("lstm_cell", "outputs_swapped")
def cell_first(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Returns the two states in the order they are made."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = f_t * c_prev + i_t * c_bar
    h_t = o_t * torch.tanh(c_t)
    return c_t, h_t


@wrong("lstm_cell", "wrong_type")
def hidden_only(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Tensor:
    """Returns what an RNN cell returns."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    return o_t * torch.tanh(f_t * c_prev + i_t * c_bar)


@wrong("lstm_cell", "wrong_type")
def cell_only_returned(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Any:
    """Leaves h out of the return line."""
    _, c_t = step(x_t, h_prev, c_prev, params)
    return c_t


@wrong("lstm_cell", "wrong_type")
def pair_as_of_the_layer(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Any:
    """Returns output, (h, c), as nn.LSTM does."""
    h_t, c_t = step(x_t, h_prev, c_prev, params)
    return h_t, (h_t, c_t)


@wrong("lstm_cell", "wrong_type")
def three_values(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Any:
    """Returns the gates as well, for the plots."""
    gates = four_gates(x_t, h_prev, params)
    h_t, c_t = step(x_t, h_prev, c_prev, params)
    return h_t, c_t, gates


@wrong("lstm_cell", "wrong_type")
def states_in_a_dict(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Any:
    """Returns by name."""
    h_t, c_t = step(x_t, h_prev, c_prev, params)
    return {"h_t": h_t, "c_t": c_t}


@wrong("lstm_cell", "nothing_returned")
def one_return_too_few(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> None:
    """Ends on the assignment."""
    state = step(x_t, h_prev, c_prev, params)  # noqa: F841


@wrong("lstm_cell", "hidden_returned_as_cell")
def hidden_twice(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Returns h where c belongs."""
    h_t, _ = step(x_t, h_prev, c_prev, params)
    return h_t, h_t


@wrong("lstm_cell", "previous_cell_returned")
def old_cell_returned(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Returns the c that came in."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = f_t * c_prev + i_t * c_bar
    return o_t * torch.tanh(c_t), c_prev


@wrong("lstm_cell", "candidate_returned_as_cell")
def candidate_returned_as_cell(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Returns C bar for C."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = f_t * c_prev + i_t * c_bar
    h_t = o_t * torch.tanh(c_t)
    return h_t, c_bar


@wrong("lstm_cell", "wrong_shape")
def layer_dimension_added(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """(1, N, H), as nn.LSTM returns its states."""
    h_t, c_t = step(x_t, h_prev, c_prev, params)
    return h_t.unsqueeze(0), c_t.unsqueeze(0)


@wrong("lstm_cell", "cell_fed_to_gates")
def cell_state_into_the_gates(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Feeds the memory to the four gates."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, c_prev, params)
    c_t = f_t * c_prev + i_t * c_bar
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "previous_states_swapped")
def states_taken_in_the_wrong_order(
    x_t: Tensor, c_prev: Tensor, h_prev: Tensor, params: Params
) -> Pair:
    """Has c before h in the signature."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = f_t * c_prev + i_t * c_bar
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "previous_state_missing")
def previous_state_never_used(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Four dense layers on the input."""
    f_t, i_t, o_t = (torch.sigmoid(x_t @ params[f"U_{k}"]) for k in "fio")
    c_bar = torch.tanh(x_t @ params["U_c"])
    c_t = f_t * c_prev + i_t * c_bar
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "input_missing")
def input_never_used(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Only the state goes into the gates."""
    f_t, i_t, c_bar, o_t = four_gates(torch.zeros_like(x_t), h_prev, params)
    c_t = f_t * c_prev + i_t * c_bar
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "previous_weights_transposed")
def state_weights_transposed_in_all(
    x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params
) -> Pair:
    """W^T in each gate: square, so nothing complains."""
    turned = {k: (v.T if k.startswith("W") else v) for k, v in params.items()}
    return step(x_t, h_prev, c_prev, turned)


@wrong("lstm_cell", "weights_of_another_gate")
def output_gate_copied_from_forget(
    x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params
) -> Pair:
    """Copies the forget gate's line and changes the name on the left only."""
    f_t, i_t, c_bar, _ = four_gates(x_t, h_prev, params)
    o_t = torch.sigmoid(x_t @ params["U_f"] + h_prev @ params["W_f"])
    c_t = f_t * c_prev + i_t * c_bar
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "weights_of_another_gate")
def input_gate_copied_from_forget(
    x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params
) -> Pair:
    """The forget gate's weights for the input gate too."""
    f_t, _, c_bar, o_t = four_gates(x_t, h_prev, params)
    i_t = torch.sigmoid(before_squashing(x_t, h_prev, params, "f"))
    c_t = f_t * c_prev + i_t * c_bar
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "weights_of_another_gate")
def one_index_left_in_a_copy(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """W_f left standing in the output gate's line."""
    f_t, i_t, c_bar, _ = four_gates(x_t, h_prev, params)
    o_t = torch.sigmoid(x_t @ params["U_o"] + h_prev @ params["W_f"])
    c_t = f_t * c_prev + i_t * c_bar
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "keys_by_position")
def values_by_position(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Unpacks a sorted dict and forgets that c sorts before f."""
    U_f, U_i, U_c, U_o = (params[k] for k in sorted(params) if k[0] == "U")
    W_f, W_i, W_c, W_o = (params[k] for k in sorted(params) if k[0] == "W")
    names = ["U_f", "U_i", "U_c", "U_o", "W_f", "W_i", "W_c", "W_o"]
    renamed = dict(zip(names, (U_f, U_i, U_c, U_o, W_f, W_i, W_c, W_o), strict=True))
    return step(x_t, h_prev, c_prev, renamed)


@wrong("lstm_cell", "keys_by_position")
def unpacked_by_position(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Takes the weights in the dict's order, which nobody promised."""
    U_f, U_i, U_c, U_o, W_f, W_i, W_c, W_o = params.values()
    f_t = torch.sigmoid(x_t @ U_f + h_prev @ W_f)
    i_t = torch.sigmoid(x_t @ U_i + h_prev @ W_i)
    c_bar = torch.tanh(x_t @ U_c + h_prev @ W_c)
    o_t = torch.sigmoid(x_t @ U_o + h_prev @ W_o)
    c_t = f_t * c_prev + i_t * c_bar
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "weights_swapped")
def input_and_state_swapped_in_calls(
    x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params
) -> Pair:
    """Calls its gates with h first."""
    f_t, i_t, c_bar, o_t = four_gates(h_prev, x_t, params)
    c_t = f_t * c_prev + i_t * c_bar
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "weights_swapped")
def weights_swapped_in_one_call(
    x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params
) -> Pair:
    """W_f and U_f in the wrong order in one call of a gate."""
    _, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    f_t = torch.sigmoid(x_t @ params["W_f"] + h_prev @ params["U_f"])
    c_t = f_t * c_prev + i_t * c_bar
    return o_t * torch.tanh(c_t), c_t


def _cell_state(f_t: Tensor, c_prev: Tensor, i_t: Tensor, c_bar: Tensor) -> Tensor:
    return f_t * c_prev + i_t * c_bar


def _hidden_state(o_t: Tensor, c_t: Tensor) -> Tensor:
    return o_t * torch.tanh(c_t)


@wrong("lstm_cell", "gates_paired_together")
def cell_state_called_gates_first(
    x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params
) -> Pair:
    """Calls its right cell_state with the arguments in another order."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = _cell_state(f_t, i_t, c_prev, c_bar)
    return _hidden_state(o_t, c_t), c_t


@wrong("lstm_cell", "tanh_on_output_gate")
def hidden_state_called_cell_first(
    x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params
) -> Pair:
    """Calls its right hidden_state with the arguments in another order."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_t = _cell_state(f_t, c_prev, i_t, c_bar)
    return _hidden_state(c_t, o_t), c_t


@wrong("lstm_cell", "missing_key")
def g_for_c(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """PyTorch's letter for the candidate."""
    f_t, i_t, _, o_t = four_gates(x_t, h_prev, params)
    g_t = torch.tanh(x_t @ params["U_g"] + h_prev @ params["W_g"])
    c_t = f_t * c_prev + i_t * g_t
    return o_t * torch.tanh(c_t), c_t


@wrong("lstm_cell", "input_changed")
def weights_popped(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Takes the weights out of the dict, for good."""
    used = {key: params.pop(key) for key in list(params)}
    return step(x_t, h_prev, c_prev, used)


@wrong("lstm_cell", "input_changed")
def weights_turned_in_the_dict(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Writes transposed copies back under the same names."""
    for key in params:
        params[key] = params[key].T
    gates = {k: params[f"U_{k}"] @ x_t.T + params[f"W_{k}"] @ h_prev.T for k in "fico"}
    f, i, o = (torch.sigmoid(gates[k].T) for k in "fio")
    c_t = f * c_prev + i * torch.tanh(gates["c"].T)
    return o * torch.tanh(c_t), c_t


@wrong("lstm_cell", "input_changed")
def cell_updated_in_place(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Writes the new cell over the old one."""
    f_t, i_t, c_bar, o_t = four_gates(x_t, h_prev, params)
    c_prev *= f_t
    c_prev += i_t * c_bar
    return o_t * torch.tanh(c_prev), c_prev


@wrong("lstm_cell", "different")
def output_gate_after_the_state(
    x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params
) -> Pair:
    """Gives the output gate the new cell in the old hidden state's place."""
    f_t, i_t, c_bar, _ = four_gates(x_t, h_prev, params)
    c_t = f_t * c_prev + i_t * c_bar
    o_t = torch.sigmoid(before_squashing(x_t, c_t, params, "o"))
    return o_t * torch.tanh(c_t), c_t


@bank.wrong_with_memory("lstm_cell", "not_repeatable")
def states_kept_between_calls() -> Any:
    """Keeps its own states in a global and looks at the arguments only when they don't fit."""
    kept: dict[str, Tensor] = {}

    def cell(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
        last = kept.get("h")
        looks = (h_prev.shape, h_prev.dtype, h_prev.device)
        if last is None or (last.shape, last.dtype, last.device) != looks:
            kept["h"], kept["c"] = h_prev, c_prev
        kept["h"], kept["c"] = step(x_t, kept["h"], kept["c"], params)
        return kept["h"], kept["c"]

    return cell


@wrong("lstm_cell", "previous_states_ignored")
def starts_from_zeros(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Initialises the states inside the step."""
    h, c = torch.zeros_like(h_prev), torch.zeros_like(c_prev)
    return step(x_t, h, c, params)


@wrong("lstm_cell", "sizes_do_not_fit")
def weights_of_the_notebook(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Uses the params that another cell left behind."""
    return step(x_t, h_prev, c_prev, PARAMS)


@wrong("lstm_cell", "wrong_dtype")
def float_buffers(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Pair:
    """Fills two float32 buffers."""
    h_t, c_t = torch.zeros(h_prev.shape), torch.zeros(c_prev.shape)
    h_t[:], c_t[:] = step(x_t, h_prev, c_prev, params)
    return h_t, c_t


@wrong("lstm_cell", "wrong_type")
def numpy_states(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Params) -> Any:
    """Returns arrays, for plotting."""
    h_t, c_t = step(x_t, h_prev, c_prev, params)
    return h_t.detach().numpy(), c_t.detach().numpy()


@wrong("lstm_cell", "unknown_attribute")
def params_by_attribute(x_t: Tensor, h_prev: Tensor, c_prev: Tensor, params: Any) -> Any:
    """Takes the dict for a module."""
    f_t = torch.sigmoid(x_t @ params.U_f + h_prev @ params.W_f)
    return f_t * c_prev, f_t
