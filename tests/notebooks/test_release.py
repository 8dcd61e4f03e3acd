"""`release/` is what nbgrader makes of `source/`, and it gives nothing away; nor does the wheel."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from autograder.notebooks.leaks import leaks, secrets_of
from tests.conftest import ROOT

SOURCES = sorted(ROOT.glob("source/*/*.ipynb"))
ASSIGNMENTS = sorted({path.parent.name for path in SOURCES})
REMEDY = "run `make release` and commit what it makes"


def _secrets() -> list[str]:
    found = []
    for path in SOURCES:
        for pieces in secrets_of(nbformat.read(path, as_version=4)).values():
            found += pieces
    return found


def _cells(path: Path) -> dict[str, str]:
    return {cell.id: cell.source for cell in nbformat.read(path, as_version=4).cells}


def _whole(path: Path) -> dict[str, dict]:
    return {cell.id: dict(cell) for cell in nbformat.read(path, as_version=4).cells}


@pytest.mark.nbgrader
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_release_is_what_source_gives_now(assignment, tmp_path) -> None:
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    shutil.copytree(ROOT / "source" / assignment, tmp_path / "source" / assignment)
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", assignment]
    made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr[-2000:]
    fresh, committed = tmp_path / "release" / assignment, ROOT / "release" / assignment
    names = {path.name for path in fresh.iterdir()}
    assert names == {path.name for path in committed.iterdir() if path.suffix}, REMEDY
    for name in sorted(names):
        if (fresh / name).read_bytes() != (committed / name).read_bytes():
            ours, theirs = _whole(committed / name), _whole(fresh / name)
            stale = [k for k in {**ours, **theirs} if ours.get(k) != theirs.get(k)]
            pytest.fail(f"release/{assignment}/{name} is stale in cells {stale}: {REMEDY}")


def test_there_are_secrets_to_look_for() -> None:
    pieces = secrets_of(nbformat.read(ROOT / "source/05_lstm/01_gates.ipynb", as_version=4))
    for name in ("forget_gate", "lstm_forward", "test_forget_gate", "conveyor_answer"):
        assert pieces[name], name


def test_a_leak_is_seen_whatever_its_white_space() -> None:
    secrets = _secrets()
    assert leaks("x =  torch.sigmoid( x_t@U_f +h_prev @ W_f )  # so", secrets)
    assert leaks("value shrinks  at\nevery step, because tanh(c) is smaller", secrets)
    assert not leaks("return h, c", secrets)


def _texts(folder: Path, pattern: str) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob(pattern)):
        if ".ipynb_checkpoints" not in path.parts:
            yield str(path), "\n".join(_cells(path).values()) + path.read_text("utf-8")


def test_release_and_lectures_give_nothing_away() -> None:
    secrets = _secrets()
    checked = [*_texts(ROOT / "release", "*.ipynb"), *_texts(ROOT / "course", "*.ipynb")]
    assert checked
    found = {name: leaks(text, secrets) for name, text in checked}
    assert {name: leak for name, leak in found.items() if leak} == {}
    for name, text in checked:
        assert "BEGIN SOLUTION" not in text, name
        assert "HIDDEN TESTS" not in text, name


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> dict[str, dict[str, str]]:
    """The members of the wheel and of the source distribution, as text."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,), (sdist,) = out.glob("*.whl"), out.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = {n: archive.read(n).decode("utf-8", "replace") for n in archive.namelist()}
    with tarfile.open(sdist) as archive:
        in_sdist = {
            m.name: archive.extractfile(m).read().decode("utf-8", "replace")  # type: ignore[union-attr]
            for m in archive.getmembers()
            if m.isfile()
        }
    return {"wheel": in_wheel, "sdist": in_sdist}


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_what_a_student_installs_gives_nothing_away(kind, built) -> None:
    members = built[kind]
    assert any(name.endswith("unit05_01_gates.py") for name in members)
    assert not [n for n in members if n.endswith(".ipynb") or "/source/" in n or "/tests/" in n]
    secrets = _secrets()
    found = {name: leaks(text, secrets) for name, text in members.items()}
    assert {name: leak for name, leak in found.items() if leak} == {}
