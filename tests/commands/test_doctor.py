"""`autograder doctor`: what it finds, and what it says where something is missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest
from typer.testing import Result

from autograder.installation import checking, jupyter, packages, tools
from autograder.installation.item import install_command
from tests.commands.cells import words

Run = Callable[..., Result]

#: Runs a command in a Python where some packages raise ImportError.
WITHOUT = """
import sys
class Without:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {packages!r}:
            raise ImportError(f"no {{name}} today")
sys.meta_path.insert(0, Without())
from autograder.commands import app
app(["doctor"])
"""


def missing(*names: str) -> Callable[[str], str]:
    real = metadata.version

    def version(name: str) -> str:
        if name in names:
            raise metadata.PackageNotFoundError(name)
        return real(name)

    return version


def test_here_everything_that_is_required_is_found(run: Run) -> None:
    found = run("doctor")
    assert found.exit_code == 0, found.output
    said = words(found.stdout)
    assert "Everything that the course needs is here." in said
    for name in (
        "Python",
        "torch",
        "typer",
        "nbgrader",
        "kernel python3",
        "bubblewrap",
        "Chromium",
    ):
        assert name in said
    assert "tells right, wrong and blank apart" in said


def test_a_required_package_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "version", missing("ipywidgets"))
    found = run("doctor")
    assert found.exit_code == 1
    assert "pip install 'ipywidgets>=" in found.stdout
    assert "they are not right: ipywidgets." in words(found.stdout)


def test_an_optional_package_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "version", missing("nbgrader", "pytest"))
    monkeypatch.setattr(tools.shutil, "which", lambda name: None)
    found = run("doctor")
    assert found.exit_code == 0, found.output
    said = words(found.stdout)
    assert "pip install 'nbgrader>=" in found.stdout
    assert "not nbgrader, pytest" in said or "not pytest, nbgrader" in said
    assert "bubblewrap not found optional" in said


def test_an_old_package(monkeypatch: pytest.MonkeyPatch) -> None:
    real = metadata.version
    monkeypatch.setattr(metadata, "version", lambda n: "1.26.0" if n == "numpy" else real(n))
    item = next(item for item in packages.package_items() if item.what == "numpy")
    assert (item.verdict, item.found, item.blocks) == ("old", "1.26.0", True)
    assert "'numpy>=" in item.get


def test_requirements_are_those_of_the_installed_course() -> None:
    everyone = {item.what for item in packages.package_items()}
    grade = {item.what for item in packages.package_items("grade")}
    assert {"torch", "jupyterlab", "typer"} <= everyone
    assert grade == {"nbgrader", "nh3"}
    assert not any(item.required for item in packages.package_items("grade"))


def test_a_course_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "COURSE", "no-such-course")
    items = list(packages.package_items())
    assert [(item.verdict, item.blocks) for item in items] == [("missing", True)]
    assert "pip install -e ." in items[0].get
    assert packages.python_item().fine


def test_it_survives_packages_that_do_not_import() -> None:
    code = WITHOUT.format(packages=("torch", "nbgrader", "ipykernel", "jupyterlab_server"))
    environment = {**os.environ, "COLUMNS": "100"}
    found = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert found.returncode == 1, found.stderr
    said = words(found.stdout)
    assert "does not import: ImportError: no torch" in said
    assert "pip install --force-reinstall 'torch>=" in said
    assert "kernel python3 no ipykernel today" in said
    assert "they are not right: torch, devices, kernel python3, the course's check." in said


def test_a_device_that_is_asked_for_and_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRADER_DEVICE", "tpu")
    item = checking.device_item()
    assert item.blocks
    assert item.get == "unset AUTOGRADER_DEVICE"
    assert checking.check_item().verdict == "broken"


def test_a_kernel_of_another_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = tmp_path / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    argv = [str(tmp_path / "bin" / "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel.write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    item = jupyter.kernel_item()
    assert (item.verdict, item.blocks) == ("broken", True)
    assert "another Python" in item.found
    kernel.write_text("not json")
    assert jupyter.kernel_item().verdict == "broken"


def test_buttons_that_are_switched_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [item.verdict for item in jupyter.button_items()] == ["ok", "ok"]
    module = jupyter.BUTTONS["formgrader"]
    off = {"ServerApp": {"jpserver_extensions": {module: False}}}
    (tmp_path / "jupyter_server_config.json").write_text(json.dumps(off))
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(tmp_path))
    validate, formgrader = jupyter.button_items()
    assert (validate.verdict, formgrader.verdict) == ("ok", "off")
    assert formgrader.get.startswith("jupyter server extension enable")
    (tmp_path / "labconfig").mkdir()
    disabled = {"disabledExtensions": {jupyter.LAB_EXTENSION: True}}
    (tmp_path / "labconfig" / "page_config.json").write_text(json.dumps(disabled))
    validate, _ = jupyter.button_items()
    assert validate.get == f"jupyter labextension enable {jupyter.LAB_EXTENSION}"
    assert not validate.blocks


def test_conda_has_its_own_command(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "-m pip install 'torch>=2.9'" in install_command("torch>=2.9")
    monkeypatch.setenv("CONDA_PREFIX", sys.prefix)
    assert install_command("torch>=2.9") == "conda install -c conda-forge 'pytorch>=2.9'"
    assert install_command("numpy") == "conda install -c conda-forge numpy"


def test_a_program_that_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "git"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    item = tools.git_item()
    assert (item.verdict, item.blocks) == ("broken", False)
