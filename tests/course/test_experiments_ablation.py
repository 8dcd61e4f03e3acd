"""The eight variants of the LSTM: their cells, their training."""

import pytest
import torch
from torch import nn

from course.experiments import ablation
from course.experiments.ablation import VARIANTS, Task, compare, train_variant

SHORT = Task(n_symbols=3, steps=6, hidden=4, sequences=16, updates=3)


def _drawn(seeds: int = 2):
    """Weights of some networks with larger peepholes, and x (T, S, N, D)."""
    generator = torch.Generator().manual_seed(4)
    weights = ablation._first_weights(SHORT, seeds, generator)
    with torch.no_grad():
        weights["peepholes"].normal_(generator=generator)
    x, _ = SHORT.draw(seeds, 5, generator)
    return weights, x + torch.rand(x.shape, generator=generator)


def test_the_plain_variant_is_pytorchs_lstm() -> None:
    weights, x = _drawn()
    D, H = x.shape[-1], SHORT.hidden
    logits = ablation._logits("NP", x, weights)
    for s in range(2):
        theirs = nn.LSTM(D, H)
        cell = weights["cell"][s].detach()
        with torch.no_grad():
            theirs.weight_ih_l0.copy_(cell[:D].T)
            theirs.weight_hh_l0.copy_(cell[D:].T)
            theirs.bias_ih_l0.copy_(weights["bias"][s, 0])
            theirs.bias_hh_l0.zero_()
            expected = theirs(x[:, s])[0] @ weights["read_out"][s]
        torch.testing.assert_close(logits[:, s].detach(), expected, rtol=1e-4, atol=1e-5)


def _by_hand(variant: str, x: torch.Tensor, w: dict[str, torch.Tensor]) -> torch.Tensor:
    """The first network's hidden states, number by number of a batch's first row (T, H)."""
    H = SHORT.hidden
    h = c = torch.zeros(H)
    old = torch.zeros(3 * H)
    seen = []
    for x_t in x[:, 0, 0]:
        z = torch.cat([x_t, h]) @ w["cell"][0] + w["bias"][0, 0]
        seen_gates = old @ w["old_gates"][0]
        z = z.view(4, H) + (variant == "FGR") * seen_gates.view(4, H) * torch.tensor(
            [[1.0], [1], [0], [1]]
        )
        P = w["peepholes"][0, 0] * (variant != "NP")
        i = torch.sigmoid(z[0] + P[0] * c)
        f = 1 - i if variant == "CIFG" else torch.sigmoid(z[1] + P[1] * c)
        i = torch.ones(H) if variant == "NIG" else i
        f = torch.ones(H) if variant == "NFG" else f
        c = f * c + i * (z[2] if variant == "NIAF" else torch.tanh(z[2]))
        o = torch.ones(H) if variant == "NOG" else torch.sigmoid(z[3] + P[2] * c)
        h = o * (c if variant == "NOAF" else torch.tanh(c))
        old = torch.cat([i, f, o])
        seen.append(h)
    return torch.stack(seen)


@pytest.mark.parametrize("variant", VARIANTS)
@torch.no_grad()
def test_a_variant_does_what_its_name_says(variant: str) -> None:
    weights, x = _drawn()
    logits = ablation._logits(variant, x, weights)[:, 0, 0]
    expected = _by_hand(variant, x, weights) @ weights["read_out"][0]
    torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-5)


def test_every_variant_gives_a_share_for_every_seed() -> None:
    found = compare(seeds=3, task=SHORT)
    assert list(found) == list(VARIANTS)
    assert len(VARIANTS) == 9, "the eight, and the vanilla LSTM"
    for shares in found.values():
        assert shares.shape == (3,)
        assert bool(((shares >= 0) & (shares <= 1)).all())
        assert shares.unique().numel() > 1, "the networks are not copies of one another"


def test_training_repeats_itself_and_an_unknown_variant_is_refused() -> None:
    first, again = (train_variant("CIFG", 2, SHORT) for _ in range(2))
    assert torch.equal(first, again)
    assert not torch.equal(first, train_variant("CIFG", 2, SHORT, seed=1))
    with pytest.raises(ValueError, match="none of V, NIG"):
        train_variant("NPP", 2, SHORT)


def test_a_network_learns_by_itself_however_many_are_trained_beside_it() -> None:
    """Each network's gradient is clipped by its own norm, and its loss is its own."""
    weights, x = _drawn(3)
    ablation._logits("V", x, weights).square().mean(dim=(0, 2, 3)).sum().backward()
    before = {name: p.grad.clone() for name, p in weights.items() if p.grad is not None}
    norms = torch.stack([g.flatten(1).square().sum(1) for g in before.values()]).sum(0).sqrt()
    ablation._clip(weights, norms.median().item())
    factors = (norms.median() / norms).clamp(max=1)
    for name, grad in before.items():
        shape = (-1, *[1] * (grad.dim() - 1))
        torch.testing.assert_close(weights[name].grad, grad * factors.view(shape))


def test_the_input_gate_matters_on_a_task_of_distractions() -> None:
    task = Task(n_symbols=4, steps=12, updates=90)
    assert train_variant("NP", 2, task).mean() < 0.5 * train_variant("NIG", 2, task).mean()
