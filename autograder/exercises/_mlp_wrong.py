"""A two-layer network's loss and gradients by PyTorch, and known wrong answers around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from autograder.checking.exercise import Misconception

Params = Mapping[str, Tensor]
Answer = tuple[Tensor, dict[str, Tensor]]
Activation = Callable[[Tensor], Tensor]
Loss = Callable[[Tensor, Tensor], Tensor]


def torch_mlp(
    params: Params,
    X: Tensor,
    y: Tensor,
    *,
    activation: Activation = functional.relu,
    loss: Loss = functional.cross_entropy,
    trained_loss: Loss | None = None,
    use: Callable[[dict[str, Tensor]], dict[str, Tensor]] = dict,
    on_logits: Activation = lambda logits: logits,
) -> Answer:
    """PyTorch's loss, and its gradients by autograd; each keyword perturbs one part.

    `trained_loss` is the loss whose gradients are returned, where that is another; `use` changes
    the weights before they are used.
    """
    leaves = {name: value.detach().clone().requires_grad_() for name, value in params.items()}
    used = use(leaves)
    hidden = activation(functional.linear(X, used["W1"].T, used["b1"]))
    logits = on_logits(functional.linear(hidden, used["W2"].T, used["b2"]))
    shown = loss(logits, y)
    derived = shown if trained_loss is None else trained_loss(logits, y)
    found = torch.autograd.grad(derived, list(leaves.values()), allow_unused=True)
    grads = {
        name: torch.zeros_like(leaf) if grad is None else grad
        for (name, leaf), grad in zip(leaves.items(), found, strict=True)
    }
    return shown.detach(), grads


def _sum(logits: Tensor, y: Tensor) -> Tensor:
    return functional.cross_entropy(logits, y, reduction="sum")


def _of_probabilities(logits: Tensor, y: Tensor) -> Tensor:
    return functional.cross_entropy(logits.softmax(1), y)


def _padded_log(logits: Tensor, y: Tensor) -> Tensor:
    return functional.nll_loss((logits.softmax(1) + 1e-8).log(), y)


def _bare_log(logits: Tensor, y: Tensor) -> Tensor:
    """Without a shift by the largest logit: exp overflows."""
    return functional.nll_loss((logits.exp() / logits.exp().sum(1, keepdim=True)).log(), y)


def _log_of_softmax(logits: Tensor, y: Tensor) -> Tensor:
    """Shifted, but divided before the log is taken: a probability may be exactly 0."""
    return functional.nll_loss(logits.softmax(1).log(), y)


def _minus_in_whole_columns(logits: Tensor, y: Tensor) -> Tensor:
    """Its gradient is that of `dS[:, y] -= 1`: once in every column that some label names."""
    named = functional.one_hot(y, logits.shape[1]).amax(0)
    return (torch.logsumexp(logits, 1) - (logits * named).sum(1)).mean()


def _negative(logits: Tensor, y: Tensor) -> Tensor:
    return -functional.cross_entropy(logits, y)


def _no_one_hot(logits: Tensor, y: Tensor) -> Tensor:
    """Its gradient is softmax / N, without the minus one at the label."""
    return torch.logsumexp(logits, 1).mean()


def _no_division_by_rows(logits: Tensor, y: Tensor) -> Tensor:
    return functional.cross_entropy(logits, y) * len(y)


def _wrong_label(logits: Tensor, y: Tensor) -> Tensor:
    return functional.cross_entropy(logits, (y + 1) % logits.shape[1])


def _squared_error(logits: Tensor, y: Tensor) -> Tensor:
    target = functional.one_hot(y, logits.shape[1]).to(logits)
    return functional.mse_loss(logits, target)


def _half_of_the_rows(logits: Tensor, y: Tensor) -> Tensor:
    return functional.cross_entropy(logits, y) * len(y) / (2 * len(y))


def _passing(activation: Activation, gradient: Callable[[Tensor, Tensor], Tensor]) -> Activation:
    """`activation` forward; backward, `gradient(upstream, z)` in place of its own."""

    class Passing(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, z: Tensor) -> Tensor:
            ctx.save_for_backward(z)
            return activation(z)

        @staticmethod
        def backward(ctx: Any, *upstream: Tensor) -> Tensor:
            (z,) = ctx.saved_tensors
            return gradient(upstream[0], z)

    return lambda z: Passing.apply(z)


def _without(*names: str) -> Callable[[dict[str, Tensor]], dict[str, Tensor]]:
    return lambda leaves: {k: torch.zeros_like(v) if k in names else v for k, v in leaves.items()}


def _change(
    params: Params, X: Tensor, y: Tensor, change: Callable[[str, Tensor], Tensor]
) -> Answer:
    """The right loss, and each gradient as `change(name, gradient)` leaves it."""
    loss, grads = torch_mlp(params, X, y)
    return loss, {name: change(name, grads[name]) for name in grads}


def _negated(params: Params, X: Tensor, y: Tensor) -> Answer:
    return _change(params, X, y, lambda name, grad: -grad)


def _biases_averaged(params: Params, X: Tensor, y: Tensor) -> Answer:
    return _change(params, X, y, lambda name, grad: grad / len(X) if name[0] == "b" else grad)


def _divided_twice(params: Params, X: Tensor, y: Tensor) -> Answer:
    return _change(params, X, y, lambda name, grad: grad / len(X))


def _first_layer_again(params: Params, X: Tensor, y: Tensor) -> Answer:
    """The step on W2 is taken before the gradient goes back through it."""
    loss, grads = torch_mlp(params, X, y)
    stepped = dict(params) | {"W2": params["W2"] - grads["W2"]}
    z = functional.linear(X, params["W1"].T, params["b1"]).requires_grad_()
    logits = functional.linear(functional.relu(z), params["W2"].T, params["b2"])
    dlogits = torch.autograd.grad(functional.cross_entropy(logits, y), logits)[0]
    hidden = functional.linear(functional.relu(z), stepped["W2"].T)
    (dz,) = torch.autograd.grad(hidden, z, dlogits)
    return loss, grads | {"W1": torch.mm(X.T, dz), "b1": dz.sum(0)}


def _unactivated_input(params: Params, X: Tensor, y: Tensor) -> Answer:
    """dW2 from the hidden layer before its activation."""
    loss, grads = torch_mlp(params, X, y)
    z = functional.linear(X, params["W1"].T, params["b1"])
    logits = functional.linear(functional.relu(z), params["W2"].T, params["b2"]).requires_grad_()
    (dlogits,) = torch.autograd.grad(functional.cross_entropy(logits, y), logits)
    return loss, grads | {"W2": torch.mm(z.T, dlogits)}


def _only_loss(params: Params, X: Tensor, y: Tensor) -> Any:
    return torch_mlp(params, X, y)[0], {name: torch.zeros_like(v) for name, v in params.items()}


def _perturbed(name: str, says: str, look: str, **changes: Any) -> Misconception:
    def answer(params: Params, X: Tensor, y: Tensor) -> Answer:
        return torch_mlp(params, X, y, **changes)

    return Misconception(name, says, look, answer)


_RELU = functional.relu
_MASK = "A hidden unit passes its gradient where its own input was above 0, and nowhere else."
MISCONCEPTIONS = (
    _perturbed(
        "sum_for_mean",
        "Loss and gradients are sums over the rows; means were asked for.",
        "Divide by N once, where the loss is made; every gradient then carries it.",
        loss=_sum,
    ),
    _perturbed(
        "gradients_not_averaged",
        "The loss is the mean over the rows, but its gradients are the sum's.",
        "The loss has a division by N. It belongs into the gradient of the logits, too.",
        trained_loss=_no_division_by_rows,
    ),
    _perturbed(
        "loss_not_averaged",
        "The gradients are the mean's, but the loss is a sum over the rows.",
        "The loss of a batch is the mean of its rows' losses.",
        loss=_sum,
        trained_loss=functional.cross_entropy,
    ),
    Misconception(
        "divided_twice",
        "The gradients are divided by N twice.",
        "The mean of the loss already divides by N; the sums over rows that follow do not.",
        _divided_twice,
    ),
    _perturbed(
        "one_hot_missing",
        "The gradient of the logits lacks the minus one at the label.",
        "Softmax minus one-hot: the right class pulls its logit up, the others push theirs down.",
        trained_loss=_no_one_hot,
    ),
    _perturbed(
        "softmax_before_cross_entropy",
        "The logits went through a softmax before the softmax cross-entropy.",
        "One softmax is enough: the second one sees numbers between 0 and 1 and learns slowly.",
        loss=_of_probabilities,
    ),
    _perturbed(
        "log_padded",
        "Something small was added inside the log, so the loss cannot grow past about 18.",
        "Shift the logits by their largest instead; then the log needs no help.",
        loss=_padded_log,
        trained_loss=functional.cross_entropy,
    ),
    _perturbed(
        "no_max_shift",
        "With large logits exp overflows, and inf / inf is NaN.",
        "Subtract each row's largest logit before exp: the softmax stays the same.",
        loss=_bare_log,
    ),
    _perturbed(
        "no_max_shift",
        "With large logits exp overflows, and inf / inf is NaN.",
        "Subtract each row's largest logit before exp: the softmax stays the same.",
        loss=_bare_log,
        trained_loss=functional.cross_entropy,
    ),
    _perturbed(
        "log_of_softmax",
        "The log was taken of the softmax, which can be exactly 0.",
        "Don't divide first: take the log of the sum from the shifted logits.",
        loss=_log_of_softmax,
        trained_loss=functional.cross_entropy,
    ),
    _perturbed(
        "whole_columns",
        "1 was subtracted in whole columns: `dS[:, y] -= 1`.",
        "One place in each row: `dS[np.arange(N), y] -= 1`.",
        trained_loss=_minus_in_whole_columns,
    ),
    _perturbed(
        "loss_negated",
        "The loss has the wrong sign; the gradients are right.",
        "Minus the log of the probability: a loss is never negative here.",
        loss=_negative,
        trained_loss=functional.cross_entropy,
    ),
    _perturbed(
        "relu_mask_missing",
        "The gradient went back through the ReLU as if it were not there.",
        _MASK,
        activation=_passing(_RELU, lambda upstream, z: upstream),
    ),
    _perturbed(
        "relu_mask_on_the_gradient",
        "The ReLU's mask was made from the gradient that arrives, not from the ReLU's input.",
        _MASK,
        activation=_passing(_RELU, lambda upstream, z: upstream * (upstream > 0)),
    ),
    _perturbed(
        "relu_mask_reversed",
        "The gradient passes where the ReLU was shut, and stops where it was open.",
        _MASK,
        activation=_passing(_RELU, lambda upstream, z: upstream * (z <= 0)),
    ),
    _perturbed(
        "relu_applied_to_the_gradient",
        "The gradient was put through a ReLU of its own, after the mask.",
        _MASK,
        activation=_passing(_RELU, lambda upstream, z: upstream.clamp(min=0) * (z > 0)),
    ),
    _perturbed(
        "no_activation",
        "There is no ReLU between the two layers: two linear layers are one.",
        "The hidden layer is max(0, X W1 + b1).",
        activation=lambda z: z,
    ),
    _perturbed(
        "sigmoid_for_relu",
        "The hidden layer uses a sigmoid; a ReLU was asked for.",
        "The hidden layer is max(0, X W1 + b1).",
        activation=torch.sigmoid,
    ),
    _perturbed(
        "tanh_for_relu",
        "The hidden layer uses tanh; a ReLU was asked for.",
        "The hidden layer is max(0, X W1 + b1).",
        activation=torch.tanh,
    ),
    _perturbed(
        "relu_on_the_logits",
        "The second layer went through a ReLU, too.",
        "The logits are plain sums: a class must be able to get a negative one.",
        on_logits=_RELU,
    ),
    _perturbed(
        "bias_missing",
        "The hidden layer lacks its bias b1.",
        "X W1 + b1, then the ReLU.",
        use=_without("b1"),
    ),
    _perturbed(
        "bias_missing",
        "The second layer lacks its bias b2.",
        "hidden W2 + b2.",
        use=_without("b2"),
    ),
    _perturbed(
        "bias_missing",
        "Both layers lack their bias.",
        "X W1 + b1 and hidden W2 + b2.",
        use=_without("b1", "b2"),
    ),
    _perturbed(
        "labels_shifted",
        "The loss looks at the class after the label.",
        "Labels count from 0, as columns do.",
        loss=_wrong_label,
    ),
    _perturbed(
        "squared_error",
        "The loss is a squared error; a softmax cross-entropy was asked for.",
        "Minus the log of the softmax at the label, averaged over the rows.",
        loss=_squared_error,
    ),
    _perturbed(
        "half_the_loss",
        "There is a half in front of the loss.",
        "The mean over the rows, without a half.",
        loss=_half_of_the_rows,
    ),
    Misconception(
        "gradients_negated",
        "The gradients have the wrong sign: a step along them climbs.",
        "Softmax minus one-hot, not one-hot minus softmax.",
        _negated,
    ),
    Misconception(
        "biases_averaged",
        "The biases' gradients are means over the rows; the 1 / N is already in there.",
        "Every row uses the same bias, so the rows' gradients are added.",
        _biases_averaged,
    ),
    Misconception(
        "stepped_before_going_back",
        "W2 was changed before the gradient went back through it.",
        "Make all gradients first, with the weights that made the loss.",
        _first_layer_again,
    ),
    Misconception(
        "unactivated_input",
        "dW2 was made from the hidden layer before its ReLU.",
        "The second layer's input is what came out of the ReLU.",
        _unactivated_input,
    ),
    Misconception(
        "gradients_left_out",
        "The loss is right, and every gradient is 0.",
        "Going back comes after going forward: logits, W2 and b2, hidden layer, W1 and b1.",
        _only_loss,
    ),
)
