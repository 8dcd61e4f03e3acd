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
from nbgrader.utils import parse_utc

from autograder.judging import collecting
from autograder.judging.collecting import SafeExtractor, plain_time
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


def extracted_from(folders: tuple[Path, Path]) -> set[str]:
    archives, extracted = folders
    plugin = SafeExtractor()
    plugin.log = logging.getLogger("collect")
    plugin.extract(str(archives), str(extracted))
    return files(extracted) - HONEST


def test_folders_stay_apart(folders) -> None:
    """An LMS gives one folder for each student, and the same file names in all of them."""
    for student in ("ada", "bob"):
        folder = folders[0] / f"{student}_4711_file"
        folder.mkdir()
        (folder / "x.ipynb").write_text(student)
        zipped(folder / "hw.zip", {"y.ipynb": student.encode()})
    found = extracted_from(folders)
    assert found == {
        f"{s}_4711_file/{n}" for s in ("ada", "bob") for n in ("x.ipynb", "hw/y.ipynb")
    }
    assert all((folders[1] / name).read_text() == name[:3] for name in found)


def test_archives_in_an_archive_are_unpacked_and_theirs_are_not(
    folders, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    zipped(tmp_path / "third.zip", {"z.ipynb": b"{}"})
    zipped(
        tmp_path / "hw.zip", {"x.ipynb": b"{}", "third.zip": (tmp_path / "third.zip").read_bytes()}
    )
    zipped(tmp_path / "evil.zip", {"../../../evil.txt": b"x"})
    hand_ins = {
        f"{s}/{s}.zip": (tmp_path / s).with_suffix(".zip").read_bytes() for s in ("hw", "evil")
    }
    zipped(folders[0] / "class.zip", hand_ins | {"net.npz": (tmp_path / "hw.zip").read_bytes()})
    found = extracted_from(folders)
    assert found == {"class/hw/hw/x.ipynb", "class/hw/hw/third.zip", "class/net.npz"}
    assert "evil.zip was not unpacked" in caplog.text


def test_archives_in_an_archive_share_its_limits(
    folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(collecting, "MOST_BYTES", 2**20)
    zipped(tmp_path / "half.zip", {"zeros": bytes(6 * 2**17)})
    half = (tmp_path / "half.zip").read_bytes()
    zipped(folders[0] / "class.zip", {"a.zip": half, "b.zip": half})
    assert extracted_from(folders) == {"class/a/zeros"}
    assert "b.zip was not unpacked: it holds more than 1 MiB" in caplog.text


def test_no_archive_overwrites_another(folders, caplog: pytest.LogCaptureFixture) -> None:
    tarred(folders[0] / "hw.tar.gz", {"x.ipynb": b"first"})
    zipped(folders[0] / "hw.zip", {"x.ipynb": b"second"})
    assert extracted_from(folders) == {"hw/x.ipynb"}
    assert "hw.zip was not unpacked: there already is a" in caplog.text


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-02-23-30-00", "2026-11-02 23:30:00"),
        ("2026-11-02-23-59-59", "2026-11-02 23:59:59"),
        ("2026-11-02T08-15", "2026-11-02 08:15:00"),
        ("20261102_081500", "2026-11-02 08:15:00"),
        ("2026-11-02 08:15:00", "2026-11-02 08:15:00"),
        ("2026-11-02T08:15:00+0100", "2026-11-02 07:15:00"),
        ("2026-11-02T08:15-05", "2026-11-02 13:15:00"),
        ("2026-11-02", "2026-11-02 00:00:00"),
    ],
)
def test_a_time_in_a_name_keeps_its_minutes(written: str, meant: str) -> None:
    assert str(parse_utc(plain_time(written))) == meant


@pytest.mark.nbgrader
def test_zip_collect_uses_it(tmp_path: Path) -> None:
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    archives = tmp_path / "downloaded" / "ps1" / "archive"
    archives.mkdir(parents=True)
    zipped(archives / "honest.zip", {"ada_2026-11-02-23-30-00_problem.ipynb": b"{}"})
    zipped(archives / "evil.zip", {"../../../evil.txt": b"x"})
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "zip_collect", "ps1",
         r"--FileNameCollectorPlugin.named_regexp=.*/(?P<student_id>\w+?)_(?P<timestamp>[\d-]+)_(?P<file_id>\w+)"],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "evil.zip was not unpacked" in done.stderr
    assert (tmp_path / "submitted" / "ada" / "ps1" / "problem.ipynb").is_file(), done.stderr
    timestamp = tmp_path / "submitted" / "ada" / "ps1" / "timestamp.txt"
    assert timestamp.read_text() == "2026-11-02 23:30:00"
    assert not list(tmp_path.rglob("evil.txt"))
