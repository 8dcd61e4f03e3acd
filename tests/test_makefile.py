"""What `make` runs, where a slip would be found late."""

from __future__ import annotations

import subprocess

from tests.conftest import ROOT


def _recipe(target: str) -> str:
    command = ["make", "--dry-run", "--always-make", target]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return shown.stdout


def test_lab_serves_the_whole_course_not_the_folder_of_its_first_page() -> None:
    assert f'--ServerApp.root_dir="{ROOT}"' in _recipe("lab")


def test_clean_leaves_students_work_and_marks_alone() -> None:
    recipe = _recipe("clean")
    assert "rm -rf .venv" in recipe
    for kept in ("submitted", "autograded", "feedback", "gradebook"):
        assert kept not in recipe
