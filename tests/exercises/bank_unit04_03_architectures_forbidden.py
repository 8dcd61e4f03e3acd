"""Answers that let PyTorch do the work, by many roads; their numbers are right."""

from __future__ import annotations

import importlib
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit04_03_architectures_loss import loss_of
from tests.exercises.bank_unit04_03_architectures_parts import Params, empty, read, states

bank = Bank()
wrong = bank.wrong
FORBIDDEN = "forbidden_call"


@wrong("embedding", FORBIDDEN)
def function_of_torch(ids: Tensor, E: Tensor) -> Tensor:
    """F.embedding."""
    return functional.embedding(ids, E)


@wrong("embedding", FORBIDDEN)
def module_of_torch(ids: Tensor, E: Tensor) -> Any:
    """nn.Embedding."""
    return nn.Embedding.from_pretrained(E)(ids)


@wrong("embedding", FORBIDDEN)
def top_level_function(ids: Tensor, E: Tensor) -> Tensor:
    """torch.embedding takes them the other way round."""
    return torch.embedding(E, ids)


@wrong("embedding", FORBIDDEN)
def kernel_by_name(ids: Tensor, E: Tensor) -> Any:
    """The operator, found by its name at run time."""
    return getattr(torch.ops.aten, "embed" + "ding")(E, ids)


@wrong("embedding", FORBIDDEN)
def bag_of_one(ids: Tensor, E: Tensor) -> Any:
    """An embedding bag with one word in each bag."""
    flat = ids.reshape(-1)
    bags = eval("functional.embedding_" + "bag")(flat[:, None], E, mode="sum")
    return bags.reshape(*ids.shape, -1)


@wrong("embedding_backward", FORBIDDEN)
def kernel_of_autograd(dout: Tensor, ids: Tensor, num_embeddings: int) -> Any:
    """The operator that autograd itself calls."""
    return torch.ops.aten.embedding_dense_backward(dout, ids, num_embeddings, -1, False)


@wrong("embedding_backward", FORBIDDEN)
def through_own_forward(dout: Tensor, ids: Tensor, num_embeddings: int) -> Any:
    """Autograd through E[ids]."""
    E = dout.new_zeros(num_embeddings, dout.shape[-1], requires_grad=True)
    return torch.autograd.grad(E[ids], E, dout)[0]


@wrong("embedding_backward", FORBIDDEN)
def by_vjp(dout: Tensor, ids: Tensor, num_embeddings: int) -> Any:
    """torch.func."""
    E = dout.new_zeros(num_embeddings, dout.shape[-1])
    return torch.func.vjp(lambda E: E[ids], E)[1](dout)[0]


@wrong("masked_cross_entropy", FORBIDDEN)
def cross_entropy_of_torch(logits: Tensor, targets: Tensor, mask: Tensor) -> Any:
    """F.cross_entropy with ignore_index."""
    hidden = torch.where(mask, targets, -100)
    loss = functional.cross_entropy(logits.flatten(0, 1), hidden.flatten(), reduction="sum")
    return loss / mask.sum().clamp(min=1), torch.zeros_like(logits)


@wrong("masked_cross_entropy", FORBIDDEN)
def module_of_the_loss(logits: Tensor, targets: Tensor, mask: Tensor) -> Any:
    """nn.NLLLoss on log-probabilities."""
    loss = nn.NLLLoss(reduction="sum")(logits[mask].log_softmax(-1), targets[mask])
    return loss / mask.sum().clamp(min=1), torch.zeros_like(logits)


@wrong("masked_cross_entropy", FORBIDDEN)
def gradient_by_backward(logits: Tensor, targets: Tensor, mask: Tensor) -> Any:
    """Its own loss, autograd's gradient."""
    leaf = logits.clone().requires_grad_()
    with torch.enable_grad():
        loss = loss_of(leaf, targets, mask)
        loss.backward()
    return loss.detach(), leaf.grad


@wrong("masked_cross_entropy", FORBIDDEN)
def gradient_by_func(logits: Tensor, targets: Tensor, mask: Tensor) -> Any:
    """torch.func.grad_and_value, by getattr."""
    both = getattr(torch.func, "grad_and" + "_value")(loss_of)
    slope, loss = both(logits, targets, mask)
    return loss, slope


@wrong("last_hidden", FORBIDDEN)
def through_an_embedding(h: Tensor, lengths: Tensor) -> Any:
    """Looks the states up."""
    flat = (lengths - 1) * h.shape[1] + torch.arange(h.shape[1], device=h.device)
    return functional.embedding(flat, h.reshape(-1, h.shape[2]))


@wrong("one_to_one", FORBIDDEN)
def cell_of_torch(x: Tensor, params: Params) -> Any:
    """torch.rnn_tanh_cell."""
    U, W, b = (params[name] for name in "UWb")
    h = torch.rnn_tanh_cell(x, empty(len(x), params), U.T, W.T, b, torch.zeros_like(b))
    return read(h, params)


@wrong("one_to_many", FORBIDDEN)
def cell_by_import(x: Tensor, steps: int, params: Params) -> Any:
    """The same cell, found at run time."""
    call = getattr(importlib.import_module("torch._VF"), "rnn_tanh" + "_cell")
    U, W, b = (params[name] for name in "UWb")
    h, found = empty(len(x), params), []
    for t in range(steps):
        h = call(x * (t == 0), h, U.T, W.T, b, torch.zeros_like(b))
        found.append(read(h, params))
    return torch.stack(found)


def _layer(x: Tensor, params: Params) -> Any:
    layer = nn.RNN(x.shape[2], len(params["b"])).to(x)
    weights = {"weight_ih_l0": params["U"].T, "weight_hh_l0": params["W"].T}
    weights |= {"bias_ih_l0": params["b"], "bias_hh_l0": torch.zeros_like(params["b"])}
    layer.load_state_dict(weights)
    with torch.no_grad():
        return layer(x)[0]


@wrong("many_to_many", FORBIDDEN)
def layer_of_torch(x: Tensor, params: Params) -> Any:
    """nn.RNN."""
    return read(_layer(x, params), params)


@wrong("many_to_one", FORBIDDEN)
def layer_and_last(x: Tensor, lengths: Tensor, params: Params) -> Any:
    """nn.RNN, then each row's last."""
    return read(_layer(x, params)[lengths - 1, torch.arange(len(lengths))], params)


@wrong("many_to_many", FORBIDDEN)
def kernel_of_torch(x: Tensor, params: Params) -> Any:
    """torch.rnn_tanh."""
    U, W, b = (params[name] for name in "UWb")
    weights = [U.T, W.T, b, torch.zeros_like(b)]
    start = empty(x.shape[1], params)[None]
    return read(torch.rnn_tanh(x, start, weights, True, 1, 0.0, False, False, False)[0], params)


@wrong("encoder_decoder", FORBIDDEN)
def layer_as_encoder(x: Tensor, steps: int, encoder: Params, decoder: Params) -> Any:
    """nn.RNN reads, its own loop writes."""
    h, found = _layer(x, encoder)[-1], []
    y = x.new_zeros(len(h), len(decoder["U"]))
    for _ in range(steps):
        h = torch.tanh(y @ decoder["U"] + h @ decoder["W"] + decoder["b"])
        y = read(h, decoder)
        found.append(y)
    return torch.stack(found)


@wrong("many_to_many", FORBIDDEN)
def asks_the_grader(x: Tensor, params: Params) -> Any:
    """Asks the grader for its own oracle."""
    from autograder.exercises._architectures_nets import many_to_many

    return many_to_many()(x, params)


@bank.right("many_to_many")
def without_gradient(x: Tensor, params: Params) -> Any:
    with torch.no_grad():
        return read(states(x, empty(x.shape[1], params), params), params)
