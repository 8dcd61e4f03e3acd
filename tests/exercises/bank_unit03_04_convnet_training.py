"""Answers to `train_convnet`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from tests.exercises.answer_bank import Bank
from tests.exercises.bank_unit03_04_convnet_lenet import LeNet

bank = Bank()
EXERCISE = "train_convnet"


def descend(
    net: nn.Module, X: Tensor, y: Tensor, epochs: int = 25, lr: float = 0.01, size: int = 64
) -> nn.Module:
    """Adam, with a rate that rises and falls."""
    optimiser = torch.optim.Adam(net.parameters(), lr=lr)
    total = epochs * -(-len(X) // size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, lr, total_steps=total)
    for _ in range(epochs):
        for rows in torch.randperm(len(X)).split(size):
            optimiser.zero_grad()
            F.cross_entropy(net(X[rows]), y[rows]).backward()
            optimiser.step()
            schedule.step()
    return net


def seeded(seed: int) -> LeNet:
    torch.manual_seed(seed)
    return LeNet(10)


@bank.right(EXERCISE)
def adam_one_cycle(X: Tensor, y: Tensor, seed: int) -> Any:
    return descend(seeded(seed).to(X.device), X, y).state_dict()


@bank.right(EXERCISE)
def adam_cosine_small_batches(X: Tensor, y: Tensor, seed: int) -> Any:
    net = seeded(seed).to(X)
    optimiser = torch.optim.AdamW(net.parameters(), lr=0.004, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 25)
    for epoch in range(25):
        net.train()
        for rows in torch.randperm(len(X), device=X.device).split(32):
            loss = F.cross_entropy(net(X[rows]), y[rows])
            net.zero_grad()
            loss.backward()
            optimiser.step()
        schedule.step()
        print(epoch, loss.item())
    return net.state_dict()


@bank.right(EXERCISE)
def sgd_with_momentum(X: Tensor, y: Tensor, seed: int) -> Any:
    net = seeded(seed).to(X)
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, nesterov=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 30)
    for _ in range(30):
        for rows in torch.randperm(len(X), generator=generator).split(32):
            optimiser.zero_grad()
            F.cross_entropy(net(X[rows]), y[rows], label_smoothing=0.05).backward()
            optimiser.step()
        schedule.step()
    return net.state_dict()


@bank.right(EXERCISE)
def data_loader_and_copies(X: Tensor, y: Tensor, seed: int) -> Any:
    net = seeded(seed).to(X.device)
    rows = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(X, y), batch_size=64, shuffle=True, drop_last=True
    )
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimiser, 0.88)
    for _ in range(28):
        for pictures, labels in rows:
            optimiser.zero_grad()
            F.cross_entropy(net(pictures), labels).backward()
            optimiser.step()
        schedule.step()
    return {name: weight.clone() for name, weight in net.state_dict().items()}


@bank.right(EXERCISE)
def own_validation(X: Tensor, y: Tensor, seed: int) -> Any:
    """Keeps a tenth back, and the weights that were best there."""
    net = seeded(seed).to(X.device)
    part = len(X) // 10
    best, state = -1.0, net.state_dict()
    optimiser = torch.optim.Adam(net.parameters(), lr=0.005)
    for epoch in range(26):
        optimiser.param_groups[0]["lr"] = 0.005 * (1 - epoch / 26)
        for rows in torch.randperm(len(X) - part).split(40):
            optimiser.zero_grad()
            F.cross_entropy(net(X[part:][rows]), y[part:][rows]).backward()
            optimiser.step()
        right = float((net(X[:part]).argmax(1) == y[:part]).double().mean())
        if right >= best:
            best, state = right, {k: v.clone() for k, v in net.state_dict().items()}
    return state


def wrong(*diagnosis: str) -> Callable[..., Any]:
    return bank.wrong(EXERCISE, *diagnosis)


@wrong("not_trained")
def untrained(X: Tensor, y: Tensor, seed: int) -> Any:
    """Returns the first weights."""
    return seeded(seed).state_dict()


@wrong("not_trained")
def optimises_another(X: Tensor, y: Tensor, seed: int) -> Any:
    """The optimiser holds the parameters of another network."""
    net = seeded(seed)
    descend(LeNet(10), X, y, epochs=1)
    return net.state_dict()


@wrong("not_trained")
def never_steps(X: Tensor, y: Tensor, seed: int) -> Any:
    """`backward()` without `step()`."""
    net = seeded(seed)
    for _ in range(3):
        F.cross_entropy(net(X), y).backward()
    return net.state_dict()


@wrong("not_trained")
def climbs(X: Tensor, y: Tensor, seed: int) -> Any:
    """Makes the loss larger."""
    net = seeded(seed)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.005, maximize=True)
    for rows in torch.randperm(len(X)).split(64):
        optimiser.zero_grad()
        F.cross_entropy(net(X[rows]), y[rows]).backward()
        optimiser.step()
    return net.state_dict()


@wrong("seed_unused", "not_trained")
def from_zero(X: Tensor, y: Tensor, seed: int) -> Any:
    """Starts from zeros: nothing breaks the symmetry, and no gradient comes through."""
    net = seeded(seed)
    for parameter in net.parameters():
        nn.init.zeros_(parameter)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(3):
        optimiser.zero_grad()
        F.cross_entropy(net(X), y).backward()
        optimiser.step()
    return net.state_dict()


@wrong("not_trained")
def rows_without_their_labels(X: Tensor, y: Tensor, seed: int) -> Any:
    """Shuffles the pictures, not the labels."""
    net = seeded(seed)
    return descend(net, X[torch.randperm(len(X))], y, epochs=4).state_dict()


@wrong("below_the_bar")
def stops_early(X: Tensor, y: Tensor, seed: int) -> Any:
    """Few epochs."""
    return descend(seeded(seed), X, y, epochs=4).state_dict()


@wrong("trained_badly")
def few_digits(X: Tensor, y: Tensor, seed: int) -> Any:
    """Learns a hundred digits by heart."""
    return descend(seeded(seed), X[:100], y[:100], epochs=40).state_dict()


def never_zeroed(net: nn.Module, X: Tensor, y: Tensor, lr: float) -> nn.Module:
    optimiser = torch.optim.Adam(net.parameters(), lr=lr)
    for _ in range(20):
        for rows in torch.randperm(len(X)).split(64):
            F.cross_entropy(net(X[rows]), y[rows]).backward()
            optimiser.step()
    return net


@wrong("trained_badly")
def gradients_pile_up(X: Tensor, y: Tensor, seed: int) -> Any:
    """Forgets `zero_grad()`."""
    return never_zeroed(seeded(seed), X, y, lr=0.0005).state_dict()


@wrong("trained_badly")
def tiny_rate(X: Tensor, y: Tensor, seed: int) -> Any:
    """A step size that is much too small."""
    return descend(seeded(seed), X, y, epochs=12, lr=0.0003).state_dict()


@wrong("trained_badly")
def softmax_twice(X: Tensor, y: Tensor, seed: int) -> Any:
    """A softmax before `cross_entropy`, which has its own."""
    net = seeded(seed)
    optimiser = torch.optim.Adam(net.parameters(), lr=0.002)
    for _ in range(5):
        for rows in torch.randperm(len(X)).split(64):
            optimiser.zero_grad()
            F.cross_entropy(net(X[rows]).softmax(1), y[rows]).backward()
            optimiser.step()
    return net.state_dict()


@wrong("forbidden_call")
def loads_the_digits(X: Tensor, y: Tensor, seed: int) -> Any:
    """Trains on all digits there are."""
    from sklearn.datasets import load_digits

    data = load_digits()
    every = torch.from_numpy(data.images)[:, None].to(X) / 16
    return descend(seeded(seed), every, torch.from_numpy(data.target).to(y)).state_dict()


@wrong("labels_shifted")
def labels_from_one(X: Tensor, y: Tensor, seed: int) -> Any:
    """Counts classes from 1, as some tables do, and 10 is 0 again."""
    return descend(seeded(seed), X, (y + 1) % 10, epochs=10).state_dict()


@wrong("labels_shifted")
def labels_back(X: Tensor, y: Tensor, seed: int) -> Any:
    """Subtracts 1 from labels that start at 0."""
    return descend(seeded(seed), X, (y - 1) % 10, epochs=10).state_dict()


@wrong("pictures_transposed")
def turned(X: Tensor, y: Tensor, seed: int) -> Any:
    """Columns before rows."""
    return descend(seeded(seed), X.transpose(2, 3), y, epochs=10).state_dict()


@wrong("pictures_flipped")
def mirrored(X: Tensor, y: Tensor, seed: int) -> Any:
    """A flip that was meant as augmentation, always on."""
    return descend(seeded(seed), X.flip(3), y, epochs=10).state_dict()


@wrong("pictures_scaled")
def inverted(X: Tensor, y: Tensor, seed: int) -> Any:
    """White on black."""
    return descend(seeded(seed), 1 - X, y, epochs=12).state_dict()


@wrong("keys_missing")
def other_names(X: Tensor, y: Tensor, seed: int) -> Any:
    """A network of another make."""
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    return net.state_dict()


@wrong("keys_missing")
def wrapped(X: Tensor, y: Tensor, seed: int) -> Any:
    """Names with a prefix, from a network inside another."""
    return nn.Sequential(seeded(seed)).state_dict()


@wrong("keys_missing")
def the_optimisers(X: Tensor, y: Tensor, seed: int) -> Any:
    """The state of the optimiser."""
    return torch.optim.Adam(seeded(seed).parameters()).state_dict()


@wrong("shapes_differ")
def other_shapes(X: Tensor, y: Tensor, seed: int) -> Any:
    """More hidden units than the specification has."""
    net = seeded(seed)
    net.fc1, net.fc2 = nn.Linear(128, 100), nn.Linear(100, 10)
    return net.state_dict()


@wrong("network_returned")
def the_network(X: Tensor, y: Tensor, seed: int) -> Any:
    """Returns the network."""
    return seeded(seed)


@wrong("wrong_form")
def without_brackets(X: Tensor, y: Tensor, seed: int) -> Any:
    """`net.state_dict` without its brackets."""
    return seeded(seed).state_dict


@wrong("wrong_form")
def parameters_in_a_list(X: Tensor, y: Tensor, seed: int) -> Any:
    """Not a dict."""
    return list(seeded(seed).parameters())


@wrong("wrong_form")
def runs_away(X: Tensor, y: Tensor, seed: int) -> Any:
    """A step so long that the weights overflow."""
    return {name: weight * torch.nan for name, weight in seeded(seed).state_dict().items()}


@wrong("wrong_form")
def nothing(X: Tensor, y: Tensor, seed: int) -> Any:
    """Forgets to return."""
    seeded(seed)


@wrong("seed_ignored", "below_the_bar")
def no_seed(X: Tensor, y: Tensor, seed: int) -> Any:
    """Never touches the seed."""
    return descend(LeNet(10), X, y, epochs=4).state_dict()


@wrong("seed_ignored", "below_the_bar")
def seed_too_late(X: Tensor, y: Tensor, seed: int) -> Any:
    """Sets the seed after the first weights are drawn."""
    net = LeNet(10)
    torch.manual_seed(seed)
    return descend(net, X, y, epochs=4).state_dict()


@wrong("seed_unused", "below_the_bar")
def always_zero(X: Tensor, y: Tensor, seed: int) -> Any:
    """`manual_seed(0)`, as in every tutorial."""
    return descend(seeded(0), X, y, epochs=4).state_dict()


@wrong("input_changed")
def shifts_in_place(X: Tensor, y: Tensor, seed: int) -> Any:
    """Trains well, and leaves its pictures scaled."""
    state = adam_one_cycle(X, y, seed)
    X *= 2
    return state


@wrong("not_started")
def stub(X: Tensor, y: Tensor, seed: int) -> Any:
    """Nothing yet."""
    raise NotImplementedError("write this")
