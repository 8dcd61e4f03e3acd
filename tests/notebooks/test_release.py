"""`release/` gives nothing away; nor do the lectures, nor what a student installs."""

from __future__ import annotations

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


def _secrets() -> list[str]:
    found = []
    for path in SOURCES:
        for pieces in secrets_of(nbformat.read(path, as_version=4)).values():
            found += pieces
    return found


def _cells(path: Path) -> dict[str, str]:
    return {cell.id: cell.source for cell in nbformat.read(path, as_version=4).cells}


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
