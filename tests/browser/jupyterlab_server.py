"""A JupyterLab server of the tests' own: nothing of the developer's settings plays a part in it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psutil

#: Variables of the developer's shell that would reach into the server or its kernels.
FOREIGN = ("JUPYTER", "IPYTHON", "PYTHON", "NBGRADER", "AUTOGRADER", "MPL", "XDG_", "PYTEST", "COV")
START_SECONDS = 90
THEMES = "/lab/api/settings/@jupyterlab/apputils-extension:themes"


@dataclass(frozen=True)
class JupyterLab:
    """A running server: its `url` without a trailing slash, its `root` folder, token and log."""

    url: str
    token: str
    root: Path
    log: Path

    def page(self, path: str, workspace: str = "tests") -> str:
        """The address of JupyterLab in a workspace of its own, with the file at `path` open."""
        tree = f"/tree/{path}" if path else ""
        return f"{self.url}/lab/workspaces/{workspace}{tree}?reset&token={self.token}"

    def call(self, method: str, path: str, body: object = None) -> Any:
        """What the server's REST interface answers, decoded."""
        headers = {"Authorization": f"token {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(self.url + path, data, headers, method=method), timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def use_theme(self, theme: str) -> None:
        """The next page opens in this theme: `JupyterLab Light` or `JupyterLab Dark`."""
        self.call("PUT", THEMES, {"raw": json.dumps({"theme": theme})})

    def end_kernels(self) -> None:
        """Shut down every kernel and forget which notebook it belonged to."""
        for session in self.call("GET", "/api/sessions"):
            self.call("DELETE", f"/api/sessions/{session['id']}")


@contextmanager
def serving(root: Path, home: Path) -> Iterator[JupyterLab]:
    """A server on `root`, with settings, data and log under `home`; ended with all it began."""
    token = secrets.token_hex(16)
    log = home / "jupyterlab.log"
    environment = _environment(home)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={_free_port()}"]
    command += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={root}"]
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command,
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
    try:
        url = _wait_until_up(process, Path(environment["JUPYTER_RUNTIME_DIR"]), log)
        yield JupyterLab(url, token, root, log)
    finally:
        _end(process)


def _environment(home: Path) -> dict[str, str]:
    """The developer's environment without what would colour the tests; all writing under `home`."""
    config = home / "config"
    (config / "labconfig").mkdir(parents=True)
    # The question about Jupyter's news would lie over the corner of every picture.
    quiet = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    (config / "labconfig" / "page_config.json").write_text(json.dumps(quiet))
    kept = {key: value for key, value in os.environ.items() if not key.startswith(FOREIGN)}
    return kept | {
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(config),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(process: subprocess.Popen[bytes], runtime: Path, log: Path) -> str:
    """The server's address, once it answers; it writes it down itself, next to its process id."""
    info = runtime / f"jpserver-{process.pid}.json"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(FileNotFoundError, json.JSONDecodeError):  # not there, or half written
            return str(json.loads(info.read_text())["url"]).rstrip("/")
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start within {START_SECONDS} s:\n{log.read_text()}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the server and whatever it started: kernels run in sessions of their own."""
    family: list[psutil.Process] = []
    if process.poll() is None:
        family = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    _, alive = psutil.wait_procs(family, timeout=3)
    for child in alive:
        child.kill()


def copy_course(root: Path, target: Path, *folders: str) -> Path:
    """Copy the course's settings and these folders of the checkout to `target`."""
    leave = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__")
    for folder in folders:
        shutil.copytree(root / folder, target / folder, ignore=leave, dirs_exist_ok=True)
    shutil.copy(root / "nbgrader_config.py", target)
    return target
