"""Answers to `mlp_loss_and_grads`."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tests.exercises.answer_bank import Bank

bank = Bank()
Array = NDArray[np.float64]
Params = dict[str, Array]
EXERCISE = "mlp_loss_and_grads"


def forward(params: Params, X: Array) -> tuple[Array, Array, Array]:
    """The hidden layer before and after its ReLU, and the logits."""
    z = X @ params["W1"] + params["b1"]
    hidden = np.maximum(z, 0)
    return z, hidden, hidden @ params["W2"] + params["b2"]


def softmax(logits: Array) -> Array:
    shifted = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(shifted / shifted.sum(1, keepdims=True))


def cross_entropy(logits: Array, y: Any) -> Array:
    """One loss for each row."""
    shifted = logits - logits.max(1, keepdims=True)
    return np.asarray(np.log(np.exp(shifted).sum(1)) - shifted[np.arange(len(y)), y])


def backward(params: Params, X: Array, z: Array, hidden: Array, dlogits: Array) -> Params:
    dz = dlogits @ params["W2"].T * (z > 0)
    return {"W1": X.T @ dz, "b1": dz.sum(0), "W2": hidden.T @ dlogits, "b2": dlogits.sum(0)}


def delta(logits: Array, y: Any) -> Array:
    out = softmax(logits)
    out[np.arange(len(y)), y] -= 1
    return out / len(y)


@bank.right(EXERCISE)
def plain(params: Params, X: Array, y: Any) -> Any:
    z, hidden, logits = forward(params, X)
    grads = backward(params, X, z, hidden, delta(logits, y))
    return cross_entropy(logits, y).mean(), grads


@bank.right(EXERCISE)
def one_hot_and_einsum(params: Params, X: Array, y: Any) -> Any:
    _, hidden, logits = forward(params, X)
    target = np.eye(logits.shape[1])[y]
    dlogits = (softmax(logits) - target) / X.shape[0]
    dz = np.einsum("nc,hc->nh", dlogits, params["W2"]) * (hidden > 0)
    grads = {
        "b2": np.einsum("nc->c", dlogits),
        "W2": np.einsum("nh,nc->hc", hidden, dlogits),
        "b1": np.einsum("nh->h", dz),
        "W1": np.einsum("nd,nh->dh", X, dz),
    }
    return float(cross_entropy(logits, y).mean()), grads


@bank.right(EXERCISE)
def row_by_row(params: Params, X: Array, y: Any) -> Any:
    loss, grads = 0.0, {name: np.zeros_like(value) for name, value in params.items()}
    for x, label in zip(X, y, strict=True):
        z, hidden, logits = forward(params, x[None])
        loss += cross_entropy(logits, [label])[0] / len(X)
        part = backward(params, x[None], z, hidden, delta(logits, [label]) / len(X))
        for name in grads:
            grads[name] += part[name]
    return loss, grads


@bank.right(EXERCISE)
def list_with_more_keys(params: Params, X: Array, y: Any) -> Any:
    loss, grads = plain(params, X, y)
    print("loss", loss)
    return [np.array(loss), {**grads, "logits": forward(params, X)[2]}]


@bank.right(EXERCISE)
def fortran_order(params: Params, X: Array, y: Any) -> Any:
    loss, grads = plain(params, X, y)
    return loss, {name: np.asfortranarray(value) for name, value in grads.items()}


@bank.wrong(EXERCISE, "sum_for_mean")
def sums(params: Params, X: Array, y: Any) -> Any:
    """Adds up the rows' losses; forgets to average."""
    loss, grads = plain(params, X, y)
    return loss * len(X), {name: value * len(X) for name, value in grads.items()}


@bank.wrong(EXERCISE, "gradients_not_averaged")
def delta_not_divided(params: Params, X: Array, y: Any) -> Any:
    """Averages the loss and forgets that its gradient is averaged with it."""
    z, hidden, logits = forward(params, X)
    return cross_entropy(logits, y).mean(), backward(
        params, X, z, hidden, delta(logits, y) * len(y)
    )


@bank.wrong(EXERCISE, "loss_not_averaged")
def loss_summed(params: Params, X: Array, y: Any) -> Any:
    """Averages the gradient only."""
    z, hidden, logits = forward(params, X)
    return cross_entropy(logits, y).sum(), backward(params, X, z, hidden, delta(logits, y))


@bank.wrong(EXERCISE, "divided_twice")
def every_gradient_averaged(params: Params, X: Array, y: Any) -> Any:
    """Divides dlogits by N, and each gradient once more."""
    loss, grads = plain(params, X, y)
    return loss, {name: value / len(X) for name, value in grads.items()}


@bank.wrong(EXERCISE, "one_hot_missing")
def softmax_for_delta(params: Params, X: Array, y: Any) -> Any:
    """Takes the probabilities for the gradient."""
    z, hidden, logits = forward(params, X)
    dlogits = softmax(logits) / len(y)
    return cross_entropy(logits, y).mean(), backward(params, X, z, hidden, dlogits)


@bank.wrong(EXERCISE, "softmax_before_cross_entropy")
def softmax_twice(params: Params, X: Array, y: Any) -> Any:
    """Hands probabilities to a loss that expects logits."""
    z, hidden, logits = forward(params, X)
    p = softmax(logits)
    dp = delta(p, y)
    dlogits = p * (dp - (dp * p).sum(1, keepdims=True))
    return cross_entropy(p, y).mean(), backward(params, X, z, hidden, dlogits)


@bank.wrong(EXERCISE, "log_padded")
def epsilon_in_the_log(params: Params, X: Array, y: Any) -> Any:
    """Is afraid of log(0)."""
    z, hidden, logits = forward(params, X)
    p = softmax(logits)[np.arange(len(y)), y]
    return -np.log(p + 1e-8).mean(), backward(params, X, z, hidden, delta(logits, y))


@bank.wrong(EXERCISE, "no_max_shift")
def exp_of_everything(params: Params, X: Array, y: Any) -> Any:
    """exp without a shift."""
    z, hidden, logits = forward(params, X)
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    dlogits = p.copy()
    dlogits[np.arange(len(y)), y] -= 1
    loss = -np.log(p[np.arange(len(y)), y]).mean()
    return loss, backward(params, X, z, hidden, dlogits / len(y))


@bank.wrong(EXERCISE, "relu_mask_missing")
def through_the_relu(params: Params, X: Array, y: Any) -> Any:
    """Forgets that a closed ReLU stops the gradient."""
    z, hidden, logits = forward(params, X)
    dlogits = delta(logits, y)
    dz = dlogits @ params["W2"].T
    grads = backward(params, X, z, hidden, dlogits)
    return cross_entropy(logits, y).mean(), grads | {"W1": X.T @ dz, "b1": dz.sum(0)}


@bank.wrong(EXERCISE, "relu_mask_on_the_gradient")
def mask_from_the_gradient(params: Params, X: Array, y: Any) -> Any:
    """`dz[dz < 0] = 0`, the line everyone copies once."""
    z, hidden, logits = forward(params, X)
    dlogits = delta(logits, y)
    dz = np.maximum(dlogits @ params["W2"].T, 0)
    grads = backward(params, X, z, hidden, dlogits)
    return cross_entropy(logits, y).mean(), grads | {"W1": X.T @ dz, "b1": dz.sum(0)}


@bank.wrong(EXERCISE, "no_activation")
def two_linear_layers(params: Params, X: Array, y: Any) -> Any:
    """Leaves the ReLU out, both ways."""
    hidden = X @ params["W1"] + params["b1"]
    logits = hidden @ params["W2"] + params["b2"]
    ones = np.ones_like(hidden)
    return cross_entropy(logits, y).mean(), backward(params, X, ones, hidden, delta(logits, y))


@bank.wrong(EXERCISE, "sigmoid_for_relu")
def a_sigmoid_layer(params: Params, X: Array, y: Any) -> Any:
    """Takes the activation of 1986."""
    z = X @ params["W1"] + params["b1"]
    hidden = 1 / (1 + np.exp(-z))
    logits = hidden @ params["W2"] + params["b2"]
    dlogits = delta(logits, y)
    dz = dlogits @ params["W2"].T * hidden * (1 - hidden)
    return cross_entropy(logits, y).mean(), {
        "W1": X.T @ dz, "b1": dz.sum(0), "W2": hidden.T @ dlogits, "b2": dlogits.sum(0),
    }  # fmt: skip


@bank.wrong(EXERCISE, "bias_missing")
def no_first_bias(params: Params, X: Array, y: Any) -> Any:
    """Forgets b1 on the way forward."""
    return plain(params | {"b1": np.zeros_like(params["b1"])}, X, y)


@bank.wrong(EXERCISE, "gradients_negated")
def one_hot_minus_softmax(params: Params, X: Array, y: Any) -> Any:
    """The difference the wrong way round."""
    z, hidden, logits = forward(params, X)
    return cross_entropy(logits, y).mean(), backward(params, X, z, hidden, -delta(logits, y))


@bank.wrong(EXERCISE, "biases_averaged")
def bias_means(params: Params, X: Array, y: Any) -> Any:
    """`mean(0)` where the sum belongs."""
    loss, grads = plain(params, X, y)
    return loss, grads | {name: grads[name] / len(X) for name in ("b1", "b2")}


@bank.wrong(EXERCISE, "unactivated_input")
def w2_from_z(params: Params, X: Array, y: Any) -> Any:
    """Mixes up the hidden layer before and after the ReLU."""
    z, hidden, logits = forward(params, X)
    grads = backward(params, X, z, hidden, delta(logits, y))
    return cross_entropy(logits, y).mean(), grads | {"W2": z.T @ delta(logits, y)}


@bank.wrong(EXERCISE, "log_of_softmax")
def divides_before_the_log(params: Params, X: Array, y: Any) -> Any:
    """Shifts, divides, and takes the log of what may be 0."""
    z, hidden, logits = forward(params, X)
    loss = -np.log(softmax(logits)[np.arange(len(y)), y]).mean()
    return loss, backward(params, X, z, hidden, delta(logits, y))


@bank.wrong(EXERCISE, "whole_columns")
def minus_one_in_whole_columns(params: Params, X: Array, y: Any) -> Any:
    """`dS[:, y] -= 1`."""
    z, hidden, logits = forward(params, X)
    dlogits = softmax(logits)
    dlogits[:, y] -= 1
    grads = backward(params, X, z, hidden, dlogits / len(y))
    return cross_entropy(logits, y).mean(), grads


@bank.wrong(EXERCISE, "loss_negated")
def forgets_the_minus(params: Params, X: Array, y: Any) -> Any:
    """The mean of the log, not minus it."""
    loss, grads = plain(params, X, y)
    return -loss, grads


@bank.wrong(EXERCISE, "axis_dropped")
def forgets_keepdims(params: Params, X: Array, y: Any) -> Any:
    """A maximum for each row that is no column."""
    z, hidden, logits = forward(params, X)
    shifted = logits - logits.max(axis=1)
    return shifted.mean(), backward(params, X, z, hidden, delta(logits, y))


@bank.wrong(EXERCISE, "wrong_type")
def five_things(params: Params, X: Array, y: Any) -> Any:
    """A tuple where a dict belongs."""
    loss, grads = plain(params, X, y)
    return loss, *grads.values()


@bank.wrong(EXERCISE, "input_changed")
def shifts_in_place(params: Params, X: Array, y: Any) -> Any:
    """Adds the bias into the weights' own array."""
    result = plain(params, X, y)
    params["b1"] += 0.1
    return result


@bank.wrong(EXERCISE, "wrong_type")
def only_the_loss(params: Params, X: Array, y: Any) -> Any:
    """Returns one thing of two."""
    return plain(params, X, y)[0]


@bank.wrong(EXERCISE, "wrong_shape")
def transposed(params: Params, X: Array, y: Any) -> Any:
    """Gives dW1 as PyTorch keeps its weights."""
    loss, grads = plain(params, X, y)
    return loss, grads | {"W1": grads["W1"].T}


@bank.wrong(EXERCISE, "forbidden_call")
def autograd(params: Params, X: Array, y: Any) -> Any:
    """Lets PyTorch do it."""
    leaves = {name: torch.tensor(value, requires_grad=True) for name, value in params.items()}
    hidden = torch.relu(torch.tensor(X) @ leaves["W1"] + leaves["b1"])
    logits = hidden @ leaves["W2"] + leaves["b2"]
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor(y))
    loss.backward()
    return loss.item(), {name: leaf.grad.numpy() for name, leaf in leaves.items()}


@bank.wrong(EXERCISE, "not_started")
def stub(params: Params, X: Array, y: Any) -> Any:
    """Nothing yet."""
    raise NotImplementedError("write this")
