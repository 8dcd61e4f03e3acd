"""Answers to `capstone`. Most wrong ones train a bag of letters: it is quick, and nearly good."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from course import projects
from tests.exercises.answer_bank import Bank

bank = Bank()
EXERCISE = "capstone"
Loss = Callable[[Tensor], Tensor]
NAMES, LANGUAGES = projects.load("names")


def descend(net: nn.Module, count: int, loss: Loss, epochs: int, rate: float = 0.01) -> None:
    """Adam with a rate that rises and falls, in batches of 50."""
    adam = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=0.01)
    total = epochs * -(-count // 50)
    schedule = torch.optim.lr_scheduler.OneCycleLR(adam, rate, total_steps=total)
    net.train()
    for _ in range(epochs):
        for rows in torch.randperm(count).split(50):
            adam.zero_grad()
            loss(rows).backward()
            adam.step()
            schedule.step()
    net.eval()


def only(project: str, mine: str) -> None:
    if project != mine:
        raise NotImplementedError


# --- right --------------------------------------------------------------------------------------


class Reader(nn.Module):
    """Two recurrent layers, one each way, and the largest state of each unit over the letters."""

    def __init__(self, kind: Any = nn.LSTM, hidden: int = 64) -> None:
        super().__init__()
        self.letters = nn.Embedding(28, 32)
        self.recurrent = kind(32, hidden, bidirectional=True)
        self.languages = nn.Linear(2 * hidden, 6)

    def forward(self, ids: Tensor) -> Tensor:
        h, _ = self.recurrent(F.dropout(self.letters(ids.T), 0.3, self.training))  # (T, N, 2H)
        h = torch.where(ids.T[..., None] > 0, h, torch.full_like(h, -1))
        return self.languages(F.dropout(h.max(0).values, 0.3, self.training))


@bank.right(EXERCISE)
def names_both_ways(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    only(project, "names")
    torch.manual_seed(seed)
    net = Reader(hidden=16 if ablated else 64).to(x.device)
    descend(net, len(x), lambda rows: F.cross_entropy(net(x[rows]), y[rows]), 12)
    return lambda x_new: net(x_new).argmax(-1)


@bank.right(EXERCISE)
def names_and_a_network_half_done(
    project: str, x: Tensor, y: Tensor, seed: int, ablated: bool
) -> Any:
    """Digits, too, but hardly trained: the best project counts."""
    if project == "digits":
        torch.manual_seed(seed)
        net: nn.Module = nn.Sequential(nn.Flatten(), nn.Linear(196, 10)).to(x.device)
        return lambda x_new: net(x_new).argmax(1)
    only(project, "names")
    print("training", len(x))
    torch.manual_seed(seed)
    net = Reader(nn.RNN).to(x.device)
    epochs = 3 if ablated else 12
    descend(net, len(x), lambda rows: F.cross_entropy(net(x[rows]), y[rows]), epochs)
    return lambda x_new: net(x_new).argmax(1).to(torch.int32)


class Marker(nn.Module):
    """A score for "no" and "yes" at every letter."""

    def __init__(self, both: bool) -> None:
        super().__init__()
        self.letters = nn.Embedding(28, 24)
        self.recurrent = nn.LSTM(24, 48, batch_first=True, bidirectional=both)
        self.begins = nn.Linear(96 if both else 48, 2)

    def forward(self, ids: Tensor) -> Tensor:
        return self.begins(self.recurrent(self.letters(ids))[0])


@bank.right(EXERCISE)
def spaces_both_ways(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    only(project, "spaces")
    torch.manual_seed(seed)
    net = Marker(not ablated).to(x.device)
    descend(net, len(x), lambda rows: F.cross_entropy(net(x[rows]).mT, y[rows]), 6)
    return lambda x_new: net(x_new)[..., 1] > net(x_new)[..., 0]


def convnet(units: int = 64) -> nn.Module:
    def block(n_in: int, n_out: int, kernel: int) -> list[nn.Module]:
        conv = nn.Conv2d(n_in, n_out, kernel, padding=kernel // 2, bias=False)
        return [conv, nn.BatchNorm2d(n_out), nn.ReLU()]

    return nn.Sequential(
        *block(1, 16, 5), nn.MaxPool2d(2), *block(16, 32, 3), nn.MaxPool2d(2),
        *block(32, units, 3), nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Dropout(0.2),
        nn.Linear(units, 10),
    )  # fmt: skip


@bank.right(EXERCISE)
def digits_anywhere(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    only(project, "digits")
    torch.manual_seed(seed)
    net = convnet(8 if ablated else 64).to(x)
    descend(net, len(x), lambda rows: F.cross_entropy(net(x[rows]), y[rows]), 15)
    with torch.no_grad():
        return lambda x_new: net(x_new).argmax(1)


# --- wrong --------------------------------------------------------------------------------------


def bag(ids: Tensor) -> Tensor:
    return F.one_hot(ids, 28).float()[..., 1:].sum(1)


def bag_model(x: Tensor, y: Tensor, units: int = 27, drop: float = 0.0, epochs: int = 8) -> Any:
    """Counts of letters, and a linear layer."""
    net = nn.Sequential(nn.Dropout(drop), nn.Linear(27, 6))
    kept = torch.arange(27) < units
    descend(net, len(x), lambda r: F.cross_entropy(net(bag(x[r]) * kept), y[r]), epochs, 0.1)
    return lambda x_new: net(bag(x_new) * kept).argmax(1), net


def wrong(*diagnosis: str) -> Callable[..., Any]:
    return bank.wrong(EXERCISE, *diagnosis)


@wrong("not_started")
def stub(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """Nothing yet."""
    raise NotImplementedError("write this")


@wrong("forbidden_call")
def forest(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """A ready-made model."""
    from sklearn.ensemble import RandomForestClassifier

    only(project, "digits")
    model = RandomForestClassifier(10, random_state=seed).fit(x.flatten(1).numpy(), y.numpy())
    return lambda x_new: torch.from_numpy(model.predict(x_new.flatten(1).numpy()))


@wrong("forbidden_call")
def looks_it_up(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """All the names there are, with their languages."""
    only(project, "names")
    all_x, all_y = projects.load("names")
    known = {tuple(row): answer for row, answer in zip(all_x.tolist(), all_y.tolist(), strict=True)}
    return lambda x_new: torch.tensor([known[tuple(row)] for row in x_new.tolist()])


@wrong("other_data")
def a_name_of_another_cell(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """Trains on the notebook's own rows."""
    only(project, "names")
    torch.manual_seed(seed)
    return bag_model(NAMES, LANGUAGES, 9 if ablated else 27, epochs=3)[0]


@wrong("rows_mixed")
def time_for_rows(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """Forgets `batch_first`: it reads down the rows."""
    only(project, "spaces")
    torch.manual_seed(seed)
    net = Marker(not ablated).to(x.device)
    net.recurrent.batch_first = False
    descend(net, len(x), lambda rows: F.cross_entropy(net(x[rows]).mT, y[rows]), 2)
    return lambda x_new: net(x_new).argmax(-1)


@wrong("not_trained")
def first_weights(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """Never takes a step."""
    only(project, "names")
    torch.manual_seed(seed)
    net = nn.Linear(27, 6)
    return lambda x_new: net(bag(x_new)).argmax(1)


@wrong("not_trained")
def shuffled_answers(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """Shuffles the rows and not their answers."""
    only(project, "names")
    torch.manual_seed(seed)
    return bag_model(x[torch.randperm(len(x))], y)[0]


@wrong("one_answer")
def always_two(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """The commonest answer."""
    only(project, "digits")
    return lambda x_new: torch.full((len(x_new),), 2)


@wrong("one_answer")
def never_a_word(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """Right four times of five."""
    only(project, "spaces")
    return lambda x_new: torch.zeros_like(x_new)


@wrong("wrong_form")
def nothing(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """Forgets to return."""
    only(project, "names")


@wrong("wrong_form")
def a_list(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """Answers in a list."""
    only(project, "names")
    return lambda x_new: [0] * len(x_new)


@wrong("wrong_form")
def silent(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """The inner function has no `return`."""
    only(project, "names")
    return lambda x_new: None


@wrong("no_function")
def with_its_loss(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """Returns two things."""
    only(project, "names")
    return nn.Linear(27, 6), 0.3


@wrong("scores_returned")
def the_network(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """Returns the network, which gives scores."""
    only(project, "digits")
    return convnet().eval()


@wrong("scores_returned")
def scores_by_letter(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """As cross-entropy wants them, classes on axis 1."""
    only(project, "spaces")
    net = Marker(True)
    return lambda x_new: net(x_new).mT


@wrong("wrong_shape")
def a_column(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """Keeps an axis too many."""
    only(project, "names")
    net = nn.Linear(27, 6)
    return lambda x_new: net(bag(x_new)).argmax(1, keepdim=True)


@wrong("unknown_label")
def counts_from_one(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """Languages 1 to 6."""
    only(project, "names")
    net = nn.Linear(27, 6)
    return lambda x_new: net(bag(x_new)).argmax(1) + 1


@wrong("unknown_label")
def chances(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """The chance of a word, not a yes or no."""
    only(project, "spaces")
    net = Marker(True)
    return lambda x_new: net(x_new).softmax(-1)[..., 1]


@wrong("seed_ignored", "simple_is_better")
def no_seed(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """Never touches the seed."""
    only(project, "names")
    return bag_model(x, y, 9 if ablated else 27)[0]


@wrong("seed_unused", "simple_is_better")
def always_zero(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """`manual_seed(0)`, as in every tutorial."""
    only(project, "names")
    torch.manual_seed(0)
    return bag_model(x, y, 9 if ablated else 27)[0]


@wrong("still_training", "simple_is_better")
def no_eval(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """Dropout stays on."""
    only(project, "names")
    torch.manual_seed(seed)
    predict, net = bag_model(x, y, 9 if ablated else 27, drop=0.2)
    net.train()
    return predict


@wrong("one_row_fails", "simple_is_better")
def squeezed(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """`squeeze()` to be rid of an axis; with one row it takes that of the rows as well."""
    only(project, "names")
    torch.manual_seed(seed)
    _, net = bag_model(x, y, 9 if ablated else 27)
    return lambda x_new: net(bag(x_new)).unsqueeze(1).squeeze().argmax(1)


@wrong("rows_mixed", "simple_is_better")
def statistics_of_the_batch(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """Standardises with the mean of the rows that are asked."""
    only(project, "names")
    torch.manual_seed(seed)
    _, net = bag_model(x, y, 9 if ablated else 27)

    def predict(x_new: Tensor) -> Tensor:
        counts = bag(x_new)
        return net(counts - counts.mean(0) + bag(x).mean(0)).argmax(1)

    return predict


@wrong("rows_mixed", "simple_is_better")
def batch_norm_in_training(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """No dropout, and no `net.eval()`: the sheets asked together share their statistics."""
    only(project, "digits")
    torch.manual_seed(seed)
    net = nn.Sequential(
        nn.Conv2d(1, 8, 5), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveMaxPool2d(3), nn.Flatten(),
        nn.Linear(72, 5 if ablated else 10), nn.Linear(5 if ablated else 10, 10),
    )  # fmt: skip
    descend(net, len(x), lambda rows: F.cross_entropy(net(x[rows]), y[rows]), 5)
    net.train()
    return lambda x_new: net(x_new).argmax(1)


@wrong("ablated_ignored", "simple_is_better")
def no_switch(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """Takes nothing away, and is no better than a linear model."""
    only(project, "names")
    torch.manual_seed(seed)
    return bag_model(x, y)[0]


@wrong("simple_is_better")
def after_the_filling(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """A plain RNN, read at the last column."""
    only(project, "names")
    torch.manual_seed(seed)
    letters, rnn = nn.Embedding(28, 16), nn.RNN(16, 8 if ablated else 32, batch_first=True)
    read = nn.Linear(rnn.hidden_size, 6)

    def scores(ids: Tensor) -> Tensor:
        return read(rnn(letters(ids))[0][:, -1])

    net = nn.ModuleList([letters, rnn, read])
    descend(net, len(x), lambda rows: F.cross_entropy(scores(x[rows]), y[rows]), 12)
    return lambda x_new: scores(x_new).argmax(1)


@wrong("simple_is_better")
def dense_on_pixels(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """An MLP, for which every place is another world."""
    only(project, "digits")
    torch.manual_seed(seed)
    units = 16 if ablated else 128
    net = nn.Sequential(nn.Flatten(), nn.Linear(196, units), nn.ReLU(), nn.Linear(units, 10))
    descend(net, len(x), lambda rows: F.cross_entropy(net(x[rows]), y[rows]), 15, 0.005)
    return lambda x_new: net(x_new).argmax(1)


@wrong("learnt_by_heart")
def flattened_maps(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """LeNet: it knows where on the sheet a stroke was, and its training sheets by heart."""
    only(project, "digits")
    torch.manual_seed(seed)
    net = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(288, 16 if ablated else 64), nn.ReLU(), nn.LazyLinear(10),
    )  # fmt: skip
    net(x[:2])
    descend(net, len(x), lambda rows: F.cross_entropy(net(x[rows]), y[rows]), 14)
    return lambda x_new: net(x_new).argmax(1)


@wrong("below_the_bar")
def two_letters_either_way(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """A convolution along the text, five letters wide: it sees no whole word."""
    only(project, "spaces")
    torch.manual_seed(seed)
    units = 8 if ablated else 48
    letters, conv = nn.Embedding(28, 24), nn.Conv1d(24, units, 5, padding=2)
    begins = nn.Conv1d(units, 2, 1)

    def scores(ids: Tensor) -> Tensor:
        return begins(F.relu(conv(letters(ids).mT)))

    net = nn.ModuleList([letters, conv, begins])
    descend(net, len(x), lambda rows: F.cross_entropy(scores(x[rows]), y[rows]), 6)
    return lambda x_new: scores(x_new).argmax(1)


@wrong("simple_is_better")
def forwards_only(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """Decides before it has read on."""
    only(project, "spaces")
    torch.manual_seed(seed)
    net = Marker(False)
    epochs = 1 if ablated else 3
    descend(net, len(x), lambda rows: F.cross_entropy(net(x[rows]).mT, y[rows]), epochs)
    return lambda x_new: net(x_new).argmax(-1)


@wrong("input_changed")
def accents_in_place(project: str, x: Tensor, y: Tensor, seed: int, ablated: bool) -> Any:
    """Right, but for what it leaves behind."""
    predict = names_both_ways(project, x, y, seed, ablated)
    x[0] = x[1]
    return predict
