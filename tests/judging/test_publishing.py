"""What is written into the course folder: whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.judging import publishing
from autograder.judging.judge import Judged
from autograder.judging.publishing import is_pending, publish, settle, sweep, write_whole
from autograder.judging.verdict import CellMark, NotebookVerdict, Verdict


def judged(text: str = '{"cells": []}', **files: bytes) -> Judged:
    book = NotebookVerdict("book", (CellMark("t", 1.0, 2.0),), text=text)
    missing = NotebookVerdict("missing", (CellMark("u", 0.0, 1.0),))
    verdict = Verdict("ada", "tiny", 3, (book, missing))
    return Judged(verdict, {k.replace("__", "/"): v for k, v in files.items()}, "2024-05-01 UTC")


def tree(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_notebooks_files_timestamp_and_verdict(tmp_path: Path) -> None:
    autograded, verdicts = tmp_path / "autograded" / "ada" / "tiny", tmp_path / "verdicts" / "tiny"
    publish(judged(data__numbers=b"1,2"), autograded, verdicts)
    assert is_pending(verdicts, "ada"), "until its marks are in the gradebook"
    assert not (verdicts / "ada.json").exists()
    settle(verdicts, "ada")
    assert not is_pending(verdicts, "ada")
    assert tree(autograded) == {
        "book.ipynb": '{"cells": []}',
        "data/numbers": "1,2",
        "timestamp.txt": "2024-05-01 UTC",
    }
    assert not (autograded / "book.ipynb").stat().st_mode & 0o222
    assert [path.name for path in verdicts.iterdir()] == ["ada.json"]
    said = json.loads((verdicts / "ada.json").read_text())
    assert (said["score"], said["max_score"], said["seed"]) == (1.0, 3.0, 3)
    assert [path.name for path in autograded.parent.iterdir()] == ["tiny"]


def test_a_second_time_takes_the_place_of_the_first(tmp_path: Path) -> None:
    autograded = tmp_path / "ada" / "tiny"
    publish(judged("old", gone=b"x"), autograded, tmp_path / "v")
    publish(judged("new"), autograded, tmp_path / "v")
    assert tree(autograded) == {"book.ipynb": "new", "timestamp.txt": "2024-05-01 UTC"}
    assert [path.name for path in autograded.parent.iterdir()] == ["tiny"]


def test_what_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    autograded = tmp_path / "ada" / "tiny"
    publish(judged("old"), autograded, tmp_path / "v")

    def full(path: Path, data: bytes) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(publishing, "_write", full)
    with pytest.raises(OSError, match="no space"):
        publish(judged("new", a=b"x"), autograded, tmp_path / "v")
    assert tree(autograded)["book.ipynb"] == "old"
    assert [path.name for path in autograded.parent.iterdir()] == ["tiny"]


def test_what_a_killed_run_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    for name in (".tiny.0a.partial", ".tiny.0b.old", "tiny", ".other.0a.partial", ".tiny.rc"):
        (tmp_path / "ada" / name / "deep").mkdir(parents=True)
    sweep(tmp_path, "tiny")
    left = sorted(path.name for path in (tmp_path / "ada").iterdir())
    assert left == [".other.0a.partial", ".tiny.rc", "tiny"]


def test_write_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file.json"
    write_whole(path, "é")
    write_whole(path, "ü")
    assert path.read_bytes() == "ü".encode()
    assert [p.name for p in path.parent.iterdir()] == ["file.json"]
