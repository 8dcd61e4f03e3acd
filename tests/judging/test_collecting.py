from __future__ import annotations

import io
import logging
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from autograder.judging import collecting
from autograder.judging.collecting import SafeExtractor
from tests.conftest import ROOT


def zipped(path: Path, members: dict[str, bytes], link: str = "") -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        if link:
            about = zipfile.ZipInfo("link")
            about.external_attr = 0o120777 << 16
            archive.writestr(about, link)


def tarred(path: Path, members: dict[str, bytes], kind: bytes = tarfile.REGTYPE) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in members.items():
            about = tarfile.TarInfo(name)
            about.size, about.type = (len(data) if kind == tarfile.REGTYPE else 0), kind
            about.linkname = "/etc/passwd"
            archive.addfile(about, io.BytesIO(data))


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    archives, extracted = tmp_path / "archive", tmp_path / "extracted"
    archives.mkdir()
    extracted.mkdir()
    zipped(archives / "honest.zip", {"a/x.ipynb": b"{}", "y.csv": b"1"})
    (archives / "plain.ipynb").write_bytes(b"{}")
    return archives, extracted


def files(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


HONEST = {"honest/a/x.ipynb", "honest/y.csv", "plain.ipynb"}
BAD = {
    "up.zip": lambda p: zipped(p, {"../../evil.txt": b"x", "fine": b"x"}),
    "root.zip": lambda p: zipped(p, {"/tmp/evil.txt": b"x"}),
    "windows.zip": lambda p: zipped(p, {"c:\\evil": b"x"}),
    "link.zip": lambda p: zipped(p, {}, "/etc/passwd"),
    "bomb.zip": lambda p: zipped(p, {"zeros": bytes(3 * 2**20)}),
    "many.zip": lambda p: zipped(p, {f"f{number}": b"" for number in range(200)}),
    "up.tar.gz": lambda p: tarred(p, {"../evil.txt": b"x"}),
    "link.tar.gz": lambda p: tarred(p, {"evil": b""}, tarfile.SYMTYPE),
    "hard.tar.gz": lambda p: tarred(p, {"evil": b""}, tarfile.LNKTYPE),
    "device.tar.gz": lambda p: tarred(p, {"evil": b""}, tarfile.CHRTYPE),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_archive_leaves_nothing_and_stops_nobody(
    folders, name, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    archives, extracted = folders
    BAD[name](archives / name)
    monkeypatch.setattr(collecting, "MOST_BYTES", 2**20)
    monkeypatch.setattr(collecting, "MOST_FILES", 100)
    plugin = SafeExtractor()
    plugin.log = logging.getLogger("collect")
    with caplog.at_level(logging.ERROR):
        plugin.extract(str(archives), str(extracted))
    assert files(extracted) == HONEST
    assert files(archives.parent) == {f"extracted/{n}" for n in HONEST} | {
        f"archive/{n}" for n in ("honest.zip", "plain.ipynb", name)
    }
    assert f"{name} was not unpacked" in caplog.text


def test_damaged_archives_are_said(folders, caplog: pytest.LogCaptureFixture) -> None:
    archives, extracted = folders
    whole = (archives / "honest.zip").read_bytes()
    (archives / "cut.zip").write_bytes(whole.replace(b"PK\x03\x04", b"XX\x03\x04"))
    plugin = SafeExtractor()
    plugin.log = logging.getLogger("collect")
    plugin.extract(str(archives), str(extracted))
    assert files(extracted) == HONEST
    assert "cut.zip was not unpacked" in caplog.text


@pytest.mark.nbgrader
def test_zip_collect_uses_it(tmp_path: Path) -> None:
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    archives = tmp_path / "downloaded" / "ps1" / "archive"
    archives.mkdir(parents=True)
    zipped(archives / "honest.zip", {"ada_problem.ipynb": b"{}"})
    zipped(archives / "evil.zip", {"../../../evil.txt": b"x"})
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "zip_collect", "ps1",
         r"--FileNameCollectorPlugin.named_regexp=.*/(?P<student_id>\w+)_(?P<file_id>\w+)"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "evil.zip was not unpacked" in done.stderr
    assert (tmp_path / "submitted" / "ada" / "ps1" / "problem.ipynb").is_file(), done.stderr
    assert not list(tmp_path.rglob("evil.txt"))
