"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import hypothesis
import pytest
import torch

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(autouse=True)
def _one_thread_and_no_device_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    monkeypatch.delenv("AUTOGRADER_DEVICE", raising=False)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)


#: What takes minutes and stays on one worker begins first, so that no worker waits at the end.
LONGEST_FIRST = (
    "browser", "hostile", "judging", "notebooks", "commands", "exercises", "course",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Longest first; within a folder the order stays what it was."""

    def rank(item: pytest.Item) -> int:
        folder = item.path.parent.name
        return LONGEST_FIRST.index(folder) if folder in LONGEST_FIRST else len(LONGEST_FIRST)

    items.sort(key=rank)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Stop where groups are not kept together: what they share would be made by every worker."""
    if not getattr(session.config.option, "loadgroup", False):
        return
    for item in session.items:
        if item.get_closest_marker("xdist_group") and "@" not in item.nodeid.rpartition("]")[2]:
            pytest.exit(
                f"pytest-xdist does not see groups under pytest {pytest.__version__}: install the "
                "versions that constraints.txt names.",
                2,
            )


hypothesis.settings.register_profile("fixed", derandomize=True, deadline=None, max_examples=60)
hypothesis.settings.load_profile("fixed")
