"""`environment.yml`, `pyproject.toml` and `constraints.txt` say the same."""

from __future__ import annotations

import re
import subprocess
import tomllib
from importlib import metadata

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from tests.conftest import ROOT

#: Conda's names for packages that PyPI calls otherwise.
CONDA_NAMES = {"pytorch-cpu": "torch", "matplotlib-base": "matplotlib"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _requirements(lines) -> dict[str, Requirement]:
    found = {_canonical(r.name): r for r in map(Requirement, lines)}
    found.pop("deep-learning-course", None)
    return found


STUDENT = _requirements(PROJECT["dependencies"])
GRADE = _requirements(PROJECT["optional-dependencies"]["grade"])
DEV = _requirements(PROJECT["optional-dependencies"]["dev"])
PINS = _requirements(
    line
    for line in (ROOT / "constraints.txt").read_text().splitlines()
    if line and not line.startswith("#")
)


def _conda() -> dict[str, Requirement]:
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    named = _requirements(line for line in listed if isinstance(line, str))
    named = {CONDA_NAMES.get(name, name): requirement for name, requirement in named.items()}
    assert str(named.pop("python").specifier) == PROJECT["requires-python"]
    named.pop("pip")
    return named


def test_conda_installs_what_pip_installs() -> None:
    wanted = {name: str(r.specifier) for name, r in {**STUDENT, **GRADE}.items()}
    assert {name: str(r.specifier) for name, r in _conda().items()} == wanted


@pytest.mark.parametrize("name", sorted({**STUDENT, **GRADE, **DEV}))
def test_every_requirement_is_pinned_to_a_version_it_allows(name) -> None:
    requirement = {**STUDENT, **GRADE, **DEV}[name]
    assert name in PINS, f"{name} has no line in constraints.txt"
    (pin,) = PINS[name].specifier
    assert pin.operator == "=="
    assert requirement.specifier.contains(pin.version)


def test_the_tests_run_on_the_pinned_versions() -> None:
    for name in {**STUDENT, **GRADE, **DEV}:
        (pin,) = PINS[name].specifier
        assert Version(metadata.version(name)).public == pin.version, name


def test_pins_are_public_releases_only() -> None:
    text = (ROOT / "constraints.txt").read_text()
    assert "://" not in text
    assert "@" not in text
    assert "+" not in text


def test_nothing_that_grading_makes_is_in_git() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    made = re.compile(r"(^|/)(submitted|autograded|feedback|test-artifacts)/|gradebook\.db|\.pyc$")
    assert [name for name in listed if made.search(name)] == []
