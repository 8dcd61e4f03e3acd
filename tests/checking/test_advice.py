"""An error is told in the words of the exercise it happens in."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch

from autograder import check
from autograder.checking.advice import advise
from autograder.checking.advice_windows import advise_windows
from autograder.checking.compare import UnreadableError
from autograder.checking.handle import Raised
from autograder.checking.properties import Trial
from autograder.exercises import EXERCISES, _mlp_digits, _mlp_module

MOMENTUM, VALUE, MEANS = (EXERCISES[n] for n in ("momentum_step", "Value", "batchnorm_backward"))
PARAMS = {"params": {"w": 0.0, "b": 0.0}, "grads": {"w": 0.0, "b": 0.0}, "hyper": {"momentum": 0.9}}
SHAPES = "operands could not be broadcast together with shapes {} "


@pytest.mark.parametrize(
    ("kind", "message", "name"),
    [
        ("ValueError", "math domain error", "outside_the_domain"),
        ("ValueError", "expected a positive input, got -1.0", "outside_the_domain"),
        ("ValueError", "The truth value of an array with more than …", "array_as_truth"),
        ("TypeError", "can't multiply sequence by non-int", "arithmetic_on_a_container"),
        ("TypeError", "unsupported operand type(s) for @: 'a' and 'b'", "operator_missing"),
        ("ValueError", SHAPES.format("(3,5) (3,)"), "axis_dropped"),
        ("ValueError", SHAPES.format("(4,) (2,4,3)"), "elementwise_sizes_differ"),
        ("ValueError", SHAPES.format("(2,3) (2,4,3)"), "axis_dropped"),
        ("ValueError", SHAPES.format("(3,5) (4,5)"), "elementwise_sizes_differ"),
    ],
)
def test_common_errors_have_a_name(kind, message, name) -> None:
    advice = advise(Raised(kind, message), MEANS, {})
    assert advice is not None
    assert advice.name == name
    assert "{" not in advice.look


def test_the_axis_that_was_dropped_is_shown() -> None:
    advice = advise(Raised("ValueError", SHAPES.format("(3,5) (3,)")), MEANS, {})
    assert advice is not None
    assert "as (3, 1)" in advice.look


@pytest.mark.parametrize(
    ("message", "code", "name"),
    [
        ("'w'", "v = state[k]", "state_empty_at_first"),
        ("'m'", "m = state['m']", "state_empty_at_first"),
        ("'weights'", "params['weights']", "missing_key"),
    ],
)
def test_the_state_before_the_first_step(message, code, name) -> None:
    advice = advise(Raised("KeyError", message, 3, code), MOMENTUM, PARAMS)
    assert advice is not None
    assert advice.name == name
    assert "momentum" not in advice.look  # a hyperparameter is no key of theirs


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("'float' object has no attribute 'data'", "number_not_wrapped"),
        ("'Value' object has no attribute 'grad'", "attribute_not_set"),
        ("'Value' object has no attribute 'tanh'", "method_missing"),
    ],
)
def test_a_class_that_lacks_something(message, name) -> None:
    advice = advise(Raised("AttributeError", message), VALUE, {})
    assert advice is not None
    assert advice.name == name


def test_a_none_that_was_passed_in_is_named() -> None:
    error = Raised("TypeError", "topk(): argument 'k' must be int, not NoneType")
    given = advise(error, EXERCISES["sample"], {"top_k": None})
    assert given is not None
    assert given.look.startswith("`top_k` may be None")
    forgotten = advise(error, EXERCISES["sample"], {"top_k": 3})
    assert forgotten is not None
    assert "return" in forgotten.look


def test_dicts_among_the_inputs_are_named() -> None:
    error = Raised("TypeError", "unsupported operand type(s) for *: 'float' and 'dict'")
    advice = advise(error, MOMENTUM, PARAMS)
    assert advice is not None
    assert "`params` and `grads` are dicts" in advice.look


def test_what_is_compared_in_one_row_is_named_as_the_student_knows_it() -> None:
    def doubled(params, grads, lr):
        out = {k: v - lr * grads[k] for k, v in params.items()} if isinstance(params, dict) else 0
        return out | {"b": out["b"] + 1} if out else type(params)(params)

    says = str(check.sgd_step(doubled, seed=2))
    assert "`params['b'][0]`" in says
    assert "kind" not in says


def test_a_tuple_in_place_of_a_dict_is_not_recommended() -> None:
    def five(params, X, y):
        return 0.0, *(np.zeros_like(value) for value in params.values())

    says = str(check.mlp_loss_and_grads(five, seed=2))
    assert "`return loss, grads`" in says
    assert "You return 5 values; 2 are asked for" in says


@pytest.mark.parametrize(
    ("kind", "message", "code", "name", "word"),
    [
        ("RuntimeError", "Boolean value of Tensor with more …", "if b:", "array_as_truth",
         "if b is not None"),
        ("ValueError", "not enough values to unpack (expected 4, got 3)", "N, C, H, W = x.shape",
         "wrong_number_of_values", "axis"),
        ("ValueError", "not enough values to unpack (expected 2, got 1)", "a, b = f(x)",
         "wrong_number_of_values", "return"),
        ("RuntimeError", "The expanded size of the tensor (0) must match the existing size (5)",
         "y[:, :, p:-p] = x", "elementwise_sizes_differ", "-0"),
        ("RuntimeError", "The size of tensor a (6) must match the size of tensor b (4)",
         "return y + b", "elementwise_sizes_differ", "last axis"),
        ("RuntimeError", "The size of tensor a (6) must match the size of tensor b (4)",
         "return y + b[:, None]", "elementwise_sizes_differ", "element by element"),
        ("RuntimeError", "The size of tensor a (6) must match the size of tensor b (4)",
         "return torch.tanh(x * U + h * W + b)", "elementwise_sizes_differ", "is `@`"),
        ("RuntimeError", "The size of tensor a (6) must match the size of tensor b (4)",
         "return torch.tanh((x + h) @ V + b)", "elementwise_sizes_differ", "is `@`"),
        ("RuntimeError", "Sizes of tensors must match except in dimension 0. Expected size 4 …",
         "torch.cat([x, h])", "joined_along_another_axis", "`dim=`"),
        ("IndexError", "Dimension out of range (expected to be in range of [-1, 0], but got -2)",
         "dy.flatten(0, -2)", "no_such_axis", "shape ()"),
        ("TypeError", "iteration over a 0-d tensor", "for i in ids:", "no_such_axis", "shape ()"),
        ("RuntimeError", "The size of tensor a (6) must match the size of tensor b (4)",
         "y[r, c] = (x[r : r + kw, c : c + kh] * k).sum()", "elementwise_sizes_differ", "window"),
        ("RuntimeError", "The size of tensor a (6) must match the size of tensor b (4)",
         "dx[here] += dy[:, :, i, j] / 4", "elementwise_sizes_differ", "None, None"),
        ("TypeError", "max() received an invalid combination of arguments - got (tuple), but …",
         "w.max((2, 3))", "values_and_indices", "amax"),
        ("AttributeError", "'torch.return_types.max' object has no attribute 'max'",
         "w.max(2).max(2)", "values_and_indices", "amax"),
    ],
)  # fmt: skip
def test_common_errors_of_tensors(kind, message, code, name, word) -> None:
    advice = advise(Raised(kind, message, 1, code), EXERCISES["conv1d"], {})
    assert advice is not None
    assert advice.name == name
    assert word in advice.look


@pytest.mark.parametrize(
    ("padding", "word"), [(0, "-0"), ((1, 0), "-0"), (1, "below 0"), ((2, 1), "below 0")]
)
def test_an_empty_slice_is_told_by_the_padding(padding, word) -> None:
    message = "The size of tensor a (0) must match the size of tensor b (2)"
    raised = Raised("RuntimeError", message, 1, "dx[:, :, p - ph : p - ph + kh] += stamp")
    advice = advise(raised, EXERCISES["conv2d_backward"], {"padding": padding})
    assert advice is not None
    assert word in advice.look


@pytest.mark.parametrize(
    ("kind", "message", "name", "word"),
    [
        ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied (3x32 and 128x64)",
         "sizes_do_not_fit", "flatten(1)"),
        ("RuntimeError", "Kernel size can't be greater than actual input size",
         "smaller_than_the_kernel", "padding"),
        ("RuntimeError", "Input type (double) and bias type (float) should be the same",
         "layers_not_found", "ModuleList"),
        ("AttributeError", "cannot assign module before Module.__init__() call",
         "super_missing", "super()"),
        ("IndexError", "argmax(): Expected reduction dim 2 to have non-zero size.",
         "window_empty", "outside"),
    ],
)  # fmt: skip
def test_common_errors_of_networks_for_pictures(kind, message, name, word) -> None:
    advice = advise(Raised(kind, message), EXERCISES["LeNet"], {"x": torch.zeros(3, 1, 8, 8)})
    assert advice is not None
    assert advice.name == name
    assert word in advice.look


@pytest.mark.parametrize(
    ("kind", "message", "name"),
    [
        (
            "RuntimeError",
            "Sizes of tensors must match except in dimension 0. Expected size 4 but got size 5",
            "joined_along_another_axis",
        ),
        ("RuntimeError", "Expected target size [5, 6], got [5, 3]", "classes_on_another_axis"),
        ("ValueError", "step must be greater than zero", "sliced_backwards"),
    ],
)
def test_common_errors_of_tensors_have_a_name(kind, message, name) -> None:
    advice = advise(Raised(kind, message), EXERCISES["bidirectional_lstm"], {})
    assert advice is not None
    assert advice.name == name


def test_the_keys_that_there_are_stand_in_order() -> None:
    params = dict.fromkeys(("W_f", "U_o", "b_i", "U_f"), 0.0)
    advice = advise(Raised("KeyError", "'U_g'"), EXERCISES["lstm_cell"], {"params": params})
    assert advice is not None
    assert "The keys are U_f, U_o, W_f, b_i." in advice.look


def test_a_dtype_is_explained_by_inputs_that_there_are() -> None:
    result = check.encode(lambda text, vocab: torch.tensor([vocab[c] for c in text]), seed=1)
    assert result.diagnoses == ("wrong_dtype",)
    assert "should be int64; yours is float32. PyTorch guesses a dtype" in str(result)

    def biases(params, value):
        H = len(params["W_f"])
        return {**params, **{f"b_{g}": torch.full((H,), value * (g == "f")) for g in "fico"}}

    said = str(check.init_forget_bias(biases, seed=1))
    assert 'as the inputs are; yours is float32. Make new tensors from an input: `params["' in said


def test_a_generator_is_called_as_its_argument_is() -> None:
    def blind(start, length, model, temperature, generator):
        return torch.multinomial(torch.ones(len(model["d"])), length, replacement=True)

    said = str(check.generate(blind, seed=1))
    assert "`generator`" in said
    assert "`rng`" not in said
    assert "`rng`" not in str(
        check.sample(lambda *a: torch.randint(2, (a[1] if isinstance(a[1], int) else 3,)), seed=1)
    )


def test_axes_of_two_directions_and_of_layers_have_words() -> None:
    both = str(
        check.bidirectional_lstm(
            lambda x, h0, *_: x.new_zeros(*x.shape[:2], 2 * h0.shape[2]), seed=1
        )
    )
    assert "time step 0, batch row 0, unit 0" in both


def test_ids_of_another_number_are_shown() -> None:
    def one_more(log_probs, start, end, max_len):
        ids = [start]
        while len(ids) <= max_len and ids[-1] != end:
            ids.append(int(log_probs[ids[-1]].argmax()))
        return [*ids[1:], 0, 1]

    says = str(check.greedy_decode(one_more, seed=2))
    assert re.search(
        r"`ids` should hold (\d+): \[[\d, ]+\]; yours has \d+: \[[\d, ]+, 0, 1\]", says
    )


def test_what_is_not_written_yet_is_said_to_be_zeros() -> None:
    def weights_later(dh_t, x_t, h_prev, h_t, U, W):
        dz = dh_t * (1 - h_t**2)
        later = (torch.zeros_like(U), torch.zeros_like(W), torch.zeros_like(W[0]))
        return dz @ U.T, dz @ W.T, *later

    result = check.rnn_cell_backward(weights_later, seed=2)
    assert result.score == 2
    assert "it is all zeros" in str(result)


def test_an_element_of_a_dict_is_named_by_its_key() -> None:
    def negative(grads, limit):
        return {key: -grad for key, grad in grads.items()}

    assert re.search(r"`clipped\['\w'\]\[\d", str(check.clip_grad_value(negative, seed=2)))


@pytest.mark.parametrize(
    ("message", "word"),
    [
        ("Trying to backward through the graph a second time", "both parts of it"),
        ("one of the variables needed has been modified by an inplace operation", "retain_graph"),
    ],
)
def test_a_state_with_its_history_is_named(message, word) -> None:
    advice = advise_windows(Raised("RuntimeError", message), EXERCISES["train_language_model"])
    assert advice is not None
    assert advice.name == "state_not_detached"
    assert word in advice.look


def test_one_number_is_not_counted_among_its_like() -> None:
    result = check.bits_per_character(lambda loss: loss + 0.004)
    assert result.outputs[0].says.startswith("Expected ")


def test_what_cannot_be_used_as_asked_is_not_said_to_have_raised() -> None:
    def only_params(params, grads, state, lr, momentum=0.0):
        return {name: value.copy() for name, value in params.items()}

    (finding,) = check.momentum_step(only_params, seed=3).findings
    assert finding.says == "A step returns two things, (params, state); yours returns a dict."


def test_a_function_of_several_axes_does_not_complain_of_what_it_calculates() -> None:
    def one_axis(f, x, h):
        return np.array([f(x.flatten())] * x.size).reshape(x.shape)

    (finding,) = check.numerical_gradient(one_axis, seed=3).findings
    assert finding.name == "axes_of_x_forgotten"
    assert "here 2: what is added" in finding.look


def test_a_share_below_the_bar_is_not_rounded_up_to_it(monkeypatch) -> None:
    monkeypatch.setattr(_mlp_digits, "_accuracy", lambda *_: 0.94975)
    weights = {name: torch.zeros(64, 1) for name in ("W1", "b1", "W2", "b2")}
    trial = Trial({"X": torch.zeros(1, 64), "y": torch.zeros(1)}, weights)
    assert str(_mlp_digits.misses_the_bar([trial])).startswith("94.9% of the unseen digits")


@pytest.mark.parametrize(
    ("shapes", "says"),
    [
        ([], "in a plain list"),
        ([[5, 3], [2, 5]], "A bias is missing"),
        ([[5, 3], [5], [5, 5], [5], [2, 5], [2]], "a layer too many"),
        ([[5, 3], [5], [5, 5], [5]], "sizes are others"),
    ],
)
def test_what_is_wrong_with_the_parameters_is_said(shapes, says: str) -> None:
    inputs = {"sizes": [3, 5, 2]}
    with pytest.raises(UnreadableError, match=says):
        _mlp_module.OUTPUTS[0].read(inputs, {"shapes": shapes})
