"""Python and its packages, held against what the installed course says it requires."""

from __future__ import annotations

import importlib
import platform
from collections.abc import Iterator
from importlib import metadata

from autograder.installation.item import Item, Verdict, install_command, python_command

COURSE = "deep-learning-course"
#: Packages that are imported to see whether they do import; the rest are looked up only.
IMPORTED = ("torch", "nbgrader")


def python_item() -> Item:
    """The version of the Python that runs this."""
    found = platform.python_version()
    try:
        needed = metadata.metadata(COURSE)["Requires-Python"] or ""
    except metadata.PackageNotFoundError:
        return Item("Python", found)
    right = _fits(found, needed)
    get = "conda env create -f environment.yml" if not right else ""
    return Item("Python", found, needed, "ok" if right else "old", get)


def package_items(extra: str = "") -> Iterator[Item]:
    """One item for each package that the course requires, or that only `extra` asks for."""
    try:
        requirements = metadata.requires(COURSE) or []
        from packaging.requirements import Requirement
    except metadata.PackageNotFoundError:
        if not extra:
            get = f"{python_command()} -m pip install -e .   (in the course's folder)"
            yield Item(COURSE, "not installed", verdict="missing", get=get)
        return
    except ImportError:
        if not extra:
            yield Item("packaging", "not installed", "", "missing", install_command("packaging"))
        return
    for requirement in map(Requirement, sorted(requirements, key=str.lower)):
        marker = requirement.marker
        groups = {
            name for name in ("", extra) if marker is None or marker.evaluate({"extra": name})
        }
        wanted = extra in groups and not (extra and "" in groups)
        if wanted and requirement.name != COURSE:
            yield _package_item(requirement.name, str(requirement.specifier), required=not extra)


def development_item() -> Item:
    """All packages that only developers use, in one line."""
    items = list(package_items("dev"))
    if not items:
        return Item("development packages", "cannot be told", verdict="optional", required=False)
    wrong = [item for item in items if not item.fine]
    found = f"{len(items) - len(wrong)} of {len(items)} packages"
    if not wrong:
        return Item("development packages", found, required=False)
    found += f"; not {', '.join(item.what for item in wrong)}"
    get = install_command(*(item.what + item.needed for item in wrong))
    return Item("development packages", found, "", "optional", get, required=False)


def _package_item(name: str, specifier: str, required: bool) -> Item:
    missing: Verdict = "missing" if required else "optional"
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        get = install_command(name + specifier)
        return Item(name, "not installed", specifier, missing, get, required)
    if not _fits(found, specifier):
        get = install_command(name + specifier)
        return Item(name, found, specifier, "old", get, required)
    problem = _import_problem(name) if name in IMPORTED else ""
    if problem:
        get = install_command(name + specifier, reinstall=True)
        return Item(name, f"{found}, {problem}", specifier, "broken", get, required)
    return Item(name, found, specifier, required=required)


def _fits(version: str, specifier: str) -> bool:
    try:
        from packaging.specifiers import SpecifierSet
    except ImportError:
        return True
    return SpecifierSet(specifier).contains(version, prereleases=True)


def _import_problem(name: str) -> str:
    """Why a package does not import, in a few words, or an empty string."""
    try:
        importlib.import_module(name)
    except Exception as error:  # a broken package may raise anything
        first = (str(error).splitlines() or [""])[0]
        return f"does not import: {type(error).__name__}: {first[:120]}"
    return ""
