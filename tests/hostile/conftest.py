from __future__ import annotations

import pytest

from tests.hostile.hostile_class import GradedClass, graded_class


@pytest.fixture(scope="session")
def honest(tmp_path_factory: pytest.TempPathFactory) -> GradedClass:
    """The honest students, graded without any attacker."""
    return graded_class(tmp_path_factory.mktemp("hostile") / "honest", ())
