"""The syllabus and the instructor's guide say what the notebooks say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from autograder.exercises import EXERCISES

ROOT = Path(__file__).resolve().parents[2]
SYLLABUS = ROOT / "course" / "README.md"
GUIDE = ROOT / "docs" / "instructor_guide.md"
PAGES = [path for path in (SYLLABUS, GUIDE) if path.exists()]


def minutes_and_points(path: Path) -> tuple[int, int]:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = [cell["metadata"].get("nbgrader", {}) for cell in notebook["cells"]]
    points = sum(cell["points"] for cell in cells if cell.get("grade"))
    return notebook["metadata"]["course"]["minutes"], points


def weeks() -> list[list[str]]:
    lines = SYLLABUS.read_text(encoding="utf-8").splitlines()
    rows = [
        line.strip("| ").split(" | ") for line in lines if re.match(r"\| \d+ \| .*\.ipynb", line)
    ]
    assert len(rows) == 10
    return rows


def test_every_notebook_stands_in_one_week_with_its_own_minutes_and_points() -> None:
    entry = re.compile(r"\[`([\w/]+)`\]\([^)]*\) (\d+) min(?:, (\d+) points)?")
    listed = [found for row in weeks() for cell in row[1:3] for found in entry.findall(cell)]
    want = {}
    for folder, pattern in (("source", "*/*.ipynb"), ("course", "*.ipynb")):
        for path in (ROOT / folder).glob(pattern):
            name = path.relative_to(ROOT / folder).with_suffix("").as_posix()
            want[name] = minutes_and_points(path)
    assert sorted(name for name, _, _ in listed) == sorted(want)
    assert {name: (int(took), int(points or 0)) for name, took, points in listed} == want


def test_sums_agree() -> None:
    minutes = points = 0
    for row in weeks():
        took = sum(int(n) for n in re.findall(r"(\d+) min", " ".join(row[1:3])))
        worth = sum(int(n) for n in re.findall(r"(\d+) points", row[2]))
        assert row[4:] == [f"{took / 60:.1f}", str(worth)]
        minutes, points = minutes + took, points + worth
    assert f"**{minutes / 60:.1f}** | **{points}**" in SYLLABUS.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        assert link.startswith("https://") or (page.parent / link).exists(), link


def test_the_guide_names_real_diagnoses() -> None:
    """A row of its tables of mistakes begins with a diagnosis and ends with its exercises."""
    rows = re.findall(r"^\| `(\w+)` \| .* \| (`.*`) \|$", GUIDE.read_text(encoding="utf-8"), re.M)
    assert len(rows) >= 18
    for diagnosis, exercises in rows:
        for name in re.findall(r"`(\w+)`", exercises):
            known = {wrong.name for wrong in EXERCISES[name].misconceptions}
            assert diagnosis in known, f"{name} has no {diagnosis}"
