"""The script that finds or installs the browser."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("install_chromium.sh")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the script with nothing in its environment but this."""
    command = ["/bin/sh", str(SCRIPT), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def browser_in(tmp_path: Path) -> Path:
    """A folder that holds a program called chromium."""
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return tmp_path


def test_it_finds_chromium_on_the_path(browser_in: Path) -> None:
    found = run("--path", PATH=str(browser_in))
    assert found.stdout.strip() == str(browser_in / "chromium")


def test_it_says_nothing_where_chromium_is(browser_in: Path) -> None:
    found = run(PATH=str(browser_in))
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


def test_the_variable_goes_before_the_path(browser_in: Path) -> None:
    other = browser_in / "another-browser"
    (browser_in / "chromium").rename(other)
    assert run("--path", PATH="", CHROMIUM=str(other)).stdout.strip() == str(other)


def test_a_variable_that_names_no_program_is_not_passed_over(browser_in: Path) -> None:
    missing = browser_in / "missing"
    found = run(PATH=str(browser_in), CHROMIUM=str(missing))
    assert found.returncode == 1
    assert f"CHROMIUM={missing} is not a program" in found.stderr


def test_path_is_silent_without_a_browser(tmp_path: Path) -> None:
    if any(Path("/Applications").glob("*Chrom*")):
        pytest.skip("a browser outside the PATH is installed here")
    found = run("--path", PATH=str(tmp_path))
    assert (found.returncode, found.stdout) == (1, "")


def test_without_a_browser_and_without_apt_it_says_what_to_do(tmp_path: Path) -> None:
    if any(Path("/Applications").glob("*Chrom*")):
        pytest.skip("a browser outside the PATH is installed here")
    found = run(PATH=str(tmp_path))
    assert found.returncode == 1
    assert "install it" in found.stderr
    assert len(found.stderr.strip().splitlines()) == 1
