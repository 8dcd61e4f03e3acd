"""Unpacks what students uploaded as archives, for `nbgrader zip_collect`, within limits.

nbgrader unpacks whatever an archive says it holds. Here members are counted while they are
unpacked, nothing leaves the folder, and an archive that is refused stops no other.
"""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from nbgrader.plugins import ExtractorPlugin

from autograder.judging.limits import MIB

MOST_BYTES = 512 * MIB
MOST_FILES = 20_000
CHUNK = MIB
Member = tuple[str, IO[bytes]]


class RefusedArchive(Exception):  # noqa: N818  (what it says is what is wrong)
    """Why an archive is not unpacked; a clause."""


class SafeExtractor(ExtractorPlugin):  # type: ignore[misc]  # nbgrader has no types
    """Unpacks archives, refusing those that reach out of their folder or hold too much."""

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Unpacks or copies every file of `archive_path` into `extracted_path`.

        What is refused is logged, by name and reason; its files are removed again.
        """
        for path in sorted(Path(archive_path).rglob("*")):
            if path.is_symlink() or not path.is_file():
                continue
            if not zipfile.is_zipfile(path) and not tarfile.is_tarfile(path):
                shutil.copy(path, extracted_path)
                continue
            name = path.name.removesuffix(".gz")
            folder = Path(extracted_path) / PurePosixPath(name).stem
            try:
                unpack(path, folder)
            except (RefusedArchive, OSError, EOFError, zipfile.BadZipFile, tarfile.TarError) as why:
                shutil.rmtree(folder, ignore_errors=True)
                self.log.error("%s was not unpacked: %s.", path, why)


def unpack(archive: Path, folder: Path) -> None:
    """Unpacks a zip or tar file. Raises RefusedArchive, OSError, BadZipFile, TarError."""
    left = MOST_BYTES
    folder.mkdir(parents=True, exist_ok=True)
    for count, (name, stream) in enumerate(_members(archive)):
        if count >= MOST_FILES:
            raise RefusedArchive(f"it holds more than {MOST_FILES} files")
        target = folder / _inside(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            while piece := stream.read(CHUNK):
                left -= len(piece)
                if left < 0:
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
