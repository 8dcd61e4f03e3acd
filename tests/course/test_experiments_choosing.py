"""The same data given to four architectures."""

import pytest
import torch

from course.experiments.choosing import KINDS, Task, digits_task, names_task, network, score


@pytest.fixture(
    scope="module", params=[lambda: digits_task(200), names_task], ids=["digits", "names"]
)
def task(request: pytest.FixtureRequest) -> Task:
    return request.param()


def test_no_example_is_in_both_parts(task: Task) -> None:
    seen = {row.numpy().tobytes() for row in task.x}
    unseen = {row.numpy().tobytes() for row in task.x_unseen}
    assert not seen & unseen
    assert len(task.x) == len(task.y) == len(task.lengths)


def test_the_four_are_of_about_the_same_size(task: Task) -> None:
    sizes = [sum(p.numel() for p in network(task, kind).parameters()) for kind in KINDS]
    assert max(sizes) < 1.3 * min(sizes)


@pytest.mark.parametrize("kind", ["RNN", "LSTM"])
def test_a_recurrent_network_reads_each_row_at_its_own_end(task: Task, kind: str) -> None:
    net = network(task, kind)
    x, lengths = task.x[:5].clone(), task.lengths[:5]
    scores = net(x, lengths)
    for row, length in enumerate(lengths.tolist()):
        x[row, length:] = 1.0  # what comes after the end does not count
    torch.testing.assert_close(net(x, lengths), scores)


@pytest.mark.parametrize("kind", KINDS)
def test_a_short_training_beats_guessing_and_can_be_repeated(task: Task, kind: str) -> None:
    first = score(task, kind, seed=0, updates=40)
    assert first > 1.3 / task.classes
    assert first == score(task, kind, seed=0, updates=40)


def test_another_kind_is_refused(task: Task) -> None:
    with pytest.raises(KeyError, match="GAN"):
        network(task, "GAN")
