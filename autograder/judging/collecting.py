"""Unpacks what students uploaded, and reads whose it is, for `nbgrader zip_collect`.

nbgrader unpacks whatever an archive says it holds. Here members are counted while they are
unpacked, nothing leaves the folder, and an archive that is refused stops no other.
"""

from __future__ import annotations

import re
import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin

from autograder.judging.limits import MIB

MOST_BYTES = 512 * MIB
MOST_FILES = 20_000
CHUNK = MIB
ARCHIVES = (".zip", ".tar", ".gz", ".tgz")
#: A date, then a time whose parts are all set apart in one way.
TIME = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)[-_T .]+(\d\d)([-_.:]?)(\d\d)(?:\5(\d\d))?")
Member = tuple[str, IO[bytes]]


class RefusedArchive(Exception):  # noqa: N818  (what it says is what is wrong)
    """Why an archive is not unpacked; a clause."""


class SafeExtractor(ExtractorPlugin):  # type: ignore[misc]  # nbgrader has no types
    """Unpacks archives, refusing those that reach out of their folder or hold too much."""

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Unpacks or copies every file of `archive_path` to its own place in `extracted_path`.

        An LMS packs all hand-ins into one archive: archives inside it are unpacked too, and theirs
        are not. What is refused is logged, by name and reason; its files are removed again.
        """
        archives, extracted = Path(archive_path), Path(extracted_path)
        for path in sorted(archives.rglob("*")):
            if path.is_symlink() or not path.is_file():
                continue
            folder = extracted / path.parent.relative_to(archives)
            folder.mkdir(parents=True, exist_ok=True)
            if not _is_archive(path):
                shutil.copy(path, folder)
                continue
            room = Room(MOST_BYTES, MOST_FILES)
            unpacked = self._unpack(path, folder, room)
            for inner in sorted(unpacked.rglob("*")) if unpacked else ():
                if inner.name.endswith(ARCHIVES) and inner.is_file() and _is_archive(inner):
                    self._unpack(inner, inner.parent, room)
                    inner.unlink()

    def _unpack(self, path: Path, parent: Path, room: Room) -> Path | None:
        """The folder in `parent` that is named after the archive; None where it is refused."""
        folder = parent / PurePosixPath(path.name.removesuffix(".gz")).stem
        if folder.exists():
            self.log.error("%s was not unpacked: there already is a %s.", path, folder)
            return None
        try:
            unpack(path, folder, room)
        except (RefusedArchive, OSError, EOFError, zipfile.BadZipFile, tarfile.TarError) as why:
            shutil.rmtree(folder, ignore_errors=True)
            self.log.error("%s was not unpacked: %s.", path, why)
            return None
        return folder


class FileNames(FileNameCollectorPlugin):  # type: ignore[misc]  # nbgrader has no types
    """nbgrader's own reading of file names, and times in them whose minutes it would lose."""

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """The named groups of the pattern, `timestamp` so that nbgrader reads it right."""
        found: dict[str, str] | None = super().collect(submitted_file)
        if found and found.get("timestamp"):
            found["timestamp"] = plain_time(found["timestamp"])
        return found


def plain_time(text: str) -> str:
    """`2026-11-02-23-30-00` and the like with colons: nbgrader takes `-30` for a time zone."""
    found = TIME.fullmatch(text)
    if found is None:
        return text
    year, month, day, hour, _, minute, second = found.groups(default="00")
    return f"{year}-{month}-{day} {hour}:{minute}:{second}"


def _is_archive(path: Path) -> bool:
    return zipfile.is_zipfile(path) or tarfile.is_tarfile(path)


@dataclass
class Room:
    """How many bytes and files may still come out of an archive and those inside it."""

    bytes: int
    files: int


def unpack(archive: Path, folder: Path, room: Room) -> None:
    """Unpacks a zip or tar file. Raises RefusedArchive, OSError, BadZipFile, TarError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, stream in _members(archive):
        room.files -= 1
        if room.files < 0:
            raise RefusedArchive(f"it holds more than {MOST_FILES} files")
        target = folder / _inside(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            while piece := stream.read(CHUNK):
                room.bytes -= len(piece)
                if room.bytes < 0:
                    raise RefusedArchive(f"it holds more than {MOST_BYTES // MIB} MiB")
                file.write(piece)


def _inside(name: str) -> PurePosixPath:
    """A member's path, if it stays in the folder. Raises RefusedArchive."""
    path = PurePosixPath(name)
    odd = "\\" in name or ":" in name or not name.isprintable()
    if path.is_absolute() or ".." in path.parts or odd:
        raise RefusedArchive(f"it holds a file that would lie outside its folder ({name[:80]!r})")
    return path


def _members(archive: Path) -> Iterator[Member]:
    """The ordinary files of an archive. Raises RefusedArchive for links and devices."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as opened:
            for about in opened.infolist():
                if (about.external_attr >> 16) & 0o170000 == 0o120000:
                    raise RefusedArchive(f"it holds a link ({about.filename[:80]!r})")
                if not about.is_dir():
                    try:
                        with opened.open(about) as stream:
                            yield about.filename, stream
                    except (RuntimeError, NotImplementedError) as error:
                        raise RefusedArchive(f"it cannot be read ({error})") from None
        return
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isdir():
                continue
            content = tar.extractfile(member) if member.isreg() else None
            if content is None:
                raise RefusedArchive(f"it holds a link or a device ({member.name[:80]!r})")
            with content:
                yield member.name, content
