"""Whatever was handed in becomes well formed notebooks and plain files, or is refused in words."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.judging.files import hides_module, read_files
from autograder.judging.grading import is_student_id
from autograder.judging.limits import Limits
from autograder.judging.loading import (
    UnreadableError,
    load_submission,
    read_notebook_bytes,
    read_timestamp,
    when,
)
from autograder.judging.mending import mend
from autograder.judging.plan import AssignmentPlan

LIMITS = Limits(notebook_bytes=200_000, submission_bytes=400_000, files=30, cells=60)
FUZZ = settings(
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["cells", "source", "cell_type", "metadata", "id", "nbgrader", "grade_id",
                         "outputs", "worksheets", "nbformat", "x"]), inner, max_size=5),
    max_leaves=25,
)  # fmt: skip


@pytest.fixture(scope="module")
def released(released_course: Path, plan: AssignmentPlan) -> dict[str, Any]:
    """The first released notebook, as JSON."""
    name = plan.notebooks[0].name
    (path,) = (released_course / "release").rglob(f"{name}.ipynb")
    data: dict[str, Any] = json.loads(path.read_text())
    return data


def _read(data: Any) -> nbformat.NotebookNode:
    return read_notebook_bytes(json.dumps(data).encode("utf-8", "surrogatepass"), LIMITS)


def _is_sound(notebook: nbformat.NotebookNode) -> None:
    nbformat.validate(notebook)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    assert all(isinstance(cell.source, str) for cell in notebook.cells)
    assert not any(cell.get("outputs") for cell in notebook.cells)


# --- notebooks ----------------------------------------------------------------------------------


def test_an_honest_notebook_is_read_as_it_is(released) -> None:
    notebook = _read(released)
    _is_sound(notebook)
    assert [cell.source for cell in notebook.cells] == [
        "".join(cell["source"]) for cell in released["cells"]
    ]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\x00\xff\xfe", "not|JSON|text"),
        (b"[1, 2]", "no notebook"),
        (b'{"cells": 3}', "no cells"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"cells": [' + b",".join([b"{}"] * 100) + b"]}", "100 cells"),
        (b"<<<<<<< HEAD\n{}", "JSON|line 1"),
    ],
)
def test_what_is_no_notebook_is_refused_in_words(data, says) -> None:
    with pytest.raises(UnreadableError, match=says):
        read_notebook_bytes(data, LIMITS)


@FUZZ
@given(JSON)
def test_any_json_is_read_or_refused(data) -> None:
    try:
        notebook = _read(data)
    except UnreadableError:  # in words; the test above says which
        return
    _is_sound(notebook)


@FUZZ
@given(data=st.data())
def test_a_notebook_with_anything_anywhere_is_read_and_mended(data, released, plan) -> None:
    broken = copy.deepcopy(released)
    for _ in range(data.draw(st.integers(1, 4))):
        cell = data.draw(st.sampled_from(broken["cells"]))
        key = data.draw(st.sampled_from(["source", "metadata", "cell_type", "id", "outputs"]))
        cell[key] = data.draw(JSON)
    if data.draw(st.booleans()):
        broken["cells"] = data.draw(st.permutations(broken["cells"]))
    if data.draw(st.booleans()):
        broken["cells"] += copy.deepcopy(broken["cells"][: data.draw(st.integers(0, 5))])
    notebook = _read(broken)
    _is_sound(notebook)
    mended, _ = mend(notebook, plan.notebooks[0])
    _is_sound(mended)
    _holds_each_test_once(mended, plan)


def _holds_each_test_once(notebook, plan: AssignmentPlan) -> None:
    """Every test cell is there, once, as the instructor wrote it."""
    for cell in plan.notebooks[0].tests:
        found = [
            one for one in notebook.cells
            if one.metadata.get("nbgrader", {}).get("grade_id") == cell.grade_id
        ]  # fmt: skip
        assert [one.cell_type for one in found] == ["code"]


def test_mending_an_honest_notebook_changes_nothing_and_says_nothing(released, plan) -> None:
    notebook = _read(released)
    mended, incidents = mend(notebook, plan.notebooks[0])
    assert incidents == ()
    assert [cell.id for cell in mended.cells] == [cell.id for cell in notebook.cells]


def test_a_deleted_and_an_edited_test_come_back_and_are_told(released, plan) -> None:
    broken = copy.deepcopy(released)
    tests = [c for c in broken["cells"] if c["metadata"].get("nbgrader", {}).get("points")]
    tests[0]["source"] = "result = 100"
    if len(tests) > 1:
        broken["cells"].remove(tests[1])
    mended, incidents = mend(_read(broken), plan.notebooks[0])
    assert len(incidents) >= min(2, len(tests))
    assert not any(cell.source == "result = 100" for cell in mended.cells)


# --- files --------------------------------------------------------------------------------------


def _submit(folder: Path, released, plan) -> Path:
    folder.mkdir(parents=True)
    (folder / f"{plan.notebooks[0].name}.ipynb").write_text(json.dumps(released))
    return folder


def test_links_pipes_and_odd_names_are_refused_and_the_rest_is_read(
    tmp_path, released, plan
) -> None:
    folder = _submit(tmp_path / "s", released, plan)
    (tmp_path / "secret").write_text("secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "folder").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    (folder / "new\nline.txt").write_text("x")
    (folder / "data.csv").write_text("1,2\n")
    (folder / "first").write_text("x")
    (folder / "hard").hardlink_to(folder / "first")
    loaded = load_submission(folder, plan, LIMITS)
    assert loaded.notebooks[plan.notebooks[0].name] is not None
    assert loaded.files.get("data.csv") == b"1,2\n"
    assert not {"link", "pipe", "new\nline.txt"} & set(loaded.files)
    assert b"secret" not in b"".join(loaded.files.values())
    assert len(loaded.incidents) >= 4


def test_a_huge_file_and_too_many_files_are_refused(tmp_path, released, plan) -> None:
    folder = _submit(tmp_path / "s", released, plan)
    with (folder / "huge.bin").open("wb") as file:
        file.truncate(10 * 2**30)
    for number in range(60):
        (folder / f"z{number:03}").write_text("x")
    read = read_files(folder, LIMITS)
    assert "huge.bin" not in read.contents
    assert len(read.contents) <= LIMITS.files
    assert read.incidents


def test_a_missing_folder_is_an_empty_submission(tmp_path, plan) -> None:
    loaded = load_submission(tmp_path / "nobody", plan, LIMITS)
    assert set(loaded.notebooks.values()) == {None}
    assert loaded.incidents


def test_the_digest_is_that_of_the_files(tmp_path, released, plan) -> None:
    one, two = (_submit(tmp_path / name, released, plan) for name in ("one", "two"))
    first, second = (load_submission(folder, plan, LIMITS).digest for folder in (one, two))
    (two / "note.txt").write_text("more")
    assert first == second != load_submission(two, plan, LIMITS).digest


@pytest.mark.parametrize(
    ("name", "hides"),
    [("numpy.py", True), ("torch/__init__.py", True), ("sitecustomize.py", True),
     ("my_plots.py", False), ("data/numbers.csv", False)],
)  # fmt: skip
def test_a_helper_may_not_stand_in_the_way_of_a_module(name, hides) -> None:
    assert hides_module(name) is hides


def test_a_timestamp_is_read_as_nbgrader_reads_it(tmp_path) -> None:
    (tmp_path / "timestamp.txt").write_text("2026-01-05 12:00:00 UTC\n")
    stamp = when(read_timestamp(tmp_path))
    assert stamp is not None
    assert (stamp.year, stamp.hour) == (2026, 12)
    assert when("yesterday, honestly") is None
    (tmp_path / "timestamp.txt").unlink()
    (tmp_path / "timestamp.txt").symlink_to("/etc/hostname")
    assert read_timestamp(tmp_path) is None


@pytest.mark.parametrize("name", ["ada", "ada.l-9_x", "a@b.edu", "Ada"])
def test_ordinary_names_are_students(name) -> None:
    assert is_student_id(name)


@pytest.mark.parametrize(
    "name", ["", "..", "a/b", "a\nb", "=1+1", "a" * 300, " a", "a..b", "\u202eada", "-rf"]
)
def test_odd_names_are_not(name) -> None:
    assert not is_student_id(name)
