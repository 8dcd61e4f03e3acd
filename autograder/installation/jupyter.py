"""Jupyter: the kernel that notebooks run in, and nbgrader's buttons in JupyterLab."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from autograder.installation.item import Item, install_command, python_command

KERNEL = "python3"
LAB_EXTENSION = "@jupyter/nbgrader"
#: What a person sees in JupyterLab, and the server extension behind it.
BUTTONS = {
    "Validate button": "nbgrader.server_extensions.validate_assignment",
    "formgrader": "nbgrader.server_extensions.formgrader",
}


def kernel_item() -> Item:
    """Whether the kernel `python3` is there, and runs this Python."""
    what = f"kernel {KERNEL}"
    get = f"{python_command()} -m ipykernel install --sys-prefix --name {KERNEL}"
    try:
        import ipykernel  # noqa: F401  (that it imports is what is asked)
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except Exception as error:  # a broken package may raise anything
        return Item(what, _words(error), verdict="missing", get=install_command("ipykernel"))
    try:
        spec = KernelSpecManager().get_kernel_spec(KERNEL)
    except NoSuchKernel:
        return Item(what, "not known to Jupyter", verdict="missing", get=get)
    except Exception as error:  # a kernel.json that is not JSON, say
        return Item(what, _words(error), verdict="broken", get=get)
    program = Path(spec.argv[0]) if spec.argv else Path()
    if program.is_absolute() and program.parent != Path(sys.executable).parent:
        get = f"{python_command()} -m ipykernel install --user --name {KERNEL}"
        return Item(what, f"another Python: {program}", verdict="broken", get=get)
    return Item(what, f"this Python, ipykernel {metadata.version('ipykernel')}")


def button_items() -> tuple[Item, ...]:
    """The Validate button and formgrader, both nbgrader's: there, and switched on?"""
    try:
        names, disabled = _lab_extensions()
        enabled = _server_extensions()
    except Exception as error:  # without JupyterLab there are no buttons
        return tuple(
            Item(what, _words(error), verdict="optional", required=False) for what in BUTTONS
        )
    return tuple(
        _button(what, module, names, disabled, enabled) for what, module in BUTTONS.items()
    )


def _button(
    what: str, module: str, names: set[str], disabled: set[str], enabled: dict[str, bool]
) -> Item:
    if LAB_EXTENSION not in names:
        get = install_command("nbgrader")
        return Item(what, f"no {LAB_EXTENSION} in JupyterLab", "", "optional", get, required=False)
    off = [name for name in disabled if name.partition(":")[0] == LAB_EXTENSION]
    if off:
        get = f"jupyter labextension enable {off[0]}"
        return Item(what, f"{off[0]} is disabled", "", "off", get, required=False)
    if not enabled.get(module):
        get = f"jupyter server extension enable --sys-prefix {module}"
        return Item(what, f"{module} is disabled", "", "off", get, required=False)
    return Item(what, "there and switched on", required=False)


def _lab_extensions() -> tuple[set[str], set[str]]:
    """The names of JupyterLab's prebuilt extensions, and those that are disabled."""
    from jupyter_core.paths import jupyter_path
    from jupyterlab_server.config import get_page_config

    settings = Path(sys.prefix, "share", "jupyter", "lab", "settings")
    page: dict[str, Any] = get_page_config(jupyter_path("labextensions"), str(settings))
    names = {extension["name"] for extension in page["federated_extensions"]}
    disabled = page.get("disabledExtensions", {})
    return names, {name for name in disabled if not isinstance(disabled, dict) or disabled[name]}


def _server_extensions() -> dict[str, bool]:
    """Jupyter Server's extensions by module name: True where switched on."""
    from jupyter_core.paths import jupyter_config_path
    from jupyter_server.extension.config import ExtensionConfigManager

    manager = ExtensionConfigManager(read_config_path=jupyter_config_path())
    found: dict[str, bool] = manager.get_jpserver_extensions()
    return found


def _words(error: Exception) -> str:
    first = (str(error).splitlines() or [""])[0]
    return first[:120] or type(error).__name__
