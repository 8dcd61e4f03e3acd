"""IPython without a kernel: runs cells and hands on what they put out, cut while it is captured."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from autograder.judging.wire import MOST_JSON

#: Characters of one message; the wire's limit is in bytes, of which one takes up to six.
LONGEST = 2**18
#: What IPython changes in a cell that is Python: prompts, lines of blanks, some ends of lines.
TOUCHED = re.compile(
    r">>>|In \[|\.\.\.:|^[^\S\n]+$|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", re.MULTILINE
)
Emit = Callable[[dict[str, Any]], None]
FLUSH_SECONDS, FLUSH_CHARACTERS = 0.1, 2**16
#: Messages that one cell may send; the judge takes a few more for a flood.
MOST_MESSAGES = 4_000
CUT = "\n… the rest of this cell's output was cut: it is over the limit.\n"
#: Text that a message may hold when it takes the place of something larger.
NO_INPUT = (
    "input() needs a person at the keyboard, and nobody is there while the notebook is marked. "
    "Write the value into the cell."
)


class Output:
    """Collects one cell's output and hands it on in pieces, up to a limit.

    Between cells the judge listens to nobody: what a thread writes then waits for the next cell.
    What a forked process writes goes where programs write, for the wire is its parent's.
    """

    def __init__(self, emit: Emit, limit: int) -> None:
        self._emit = emit
        self._limit = limit
        self._lock = threading.RLock()
        self._pid = os.getpid()
        self._pieces: list[tuple[str, str]] = []
        self._open = False
        self._begin()

    def _begin(self) -> None:
        self._left, self._messages_left = self._limit, MOST_MESSAGES
        self._size = 0
        self._flushed = time.monotonic()

    def start(self) -> None:
        """A new cell."""
        with self._lock:
            self._begin()
            self._open = True

    def stop(self) -> None:
        """The end of a cell: hands on what waits."""
        with self._lock:
            self.flush()
            self._open = False

    def write(self, name: str, text: str) -> None:
        """Text on a stream, `stdout` or `stderr`."""
        if os.getpid() != self._pid:
            os.write(1, text.encode("utf-8", "replace"))
            return
        with self._lock:
            if self._left < 0 or not text:
                return
            cut = len(text) > self._left
            text = text[: self._left]
            self._left -= len(text)
            self._size += len(text)
            self._pieces.append((name, text))
            if cut:
                self._cut(name)
            late = time.monotonic() - self._flushed > FLUSH_SECONDS
            if late or self._size > FLUSH_CHARACTERS:
                self.flush()

    def put(self, output: dict[str, Any]) -> None:
        """An output of another kind, as nbformat words it."""
        if os.getpid() != self._pid:
            return
        with self._lock:
            if self._left < 0 or not self._open:
                return
            self.flush()
            size = len(json.dumps(output, default=repr))
            if size > min(self._left, MOST_JSON // 2):
                self._cut("stdout")
                self.flush()
                return
            self._left -= size
            self._hand_on(output)

    def flush(self) -> None:
        """Hands on the text that waits."""
        if os.getpid() != self._pid:
            return
        with self._lock:
            if not self._open:
                return
            pieces, self._pieces, self._size = self._pieces, [], 0
            for name, same in groupby(pieces, lambda piece: piece[0]):
                text = "".join(piece for _, piece in same)
                text = text.encode("utf-8", "replace").decode()
                for start in range(0, len(text), LONGEST):
                    piece = text[start : start + LONGEST]
                    self._hand_on({"output_type": "stream", "name": name, "text": piece})
            self._flushed = time.monotonic()

    def _hand_on(self, output: dict[str, Any]) -> None:
        self._messages_left -= 1
        if self._messages_left > 0:
            self._emit(output)
        elif self._messages_left == 0:
            self._left = -1
            self._emit({"output_type": "stream", "name": "stdout", "text": CUT})

    def _cut(self, name: str) -> None:
        self._pieces.append((name, CUT))
        self._left = -1


class Stream(io.TextIOBase):
    """`sys.stdout` or `sys.stderr` of a student."""

    __module__ = "io"  # an answer that writes to it does not use the grader
    encoding = "utf-8"
    errors = "replace"

    def __init__(self, output: Output, name: str, number: int) -> None:
        self._output = output
        self._stream = name
        self._number = number
        self.name = f"<{name}>"

    def write(self, text: str) -> int:
        """Text, and nothing else. Raises TypeError."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._output.write(self._stream, text)
        return len(text)

    def flush(self) -> None:
        """Hands on what waits."""
        self._output.flush()

    def writable(self) -> bool:
        """Always."""
        return True

    def fileno(self) -> int:
        """The descriptor that programs started here write to."""
        return self._number

    @property
    def buffer(self) -> io.RawIOBase:
        """The bytes below."""
        return _Bytes(self)


class _Bytes(io.RawIOBase):
    __module__ = "io"

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._stream.write(piece.decode("utf-8", "replace"))
        return len(piece)


class CellDisplayHook(DisplayHook):  # type: ignore[misc]
    """The value of a cell's last line."""

    def __call__(self, result: Any = None) -> None:
        """Shows the value, unless it is None or the line ends in a semicolon."""
        self.check_for_underscore()
        if result is None or self.quiet():
            return
        self.update_user_ns(result)
        data, metadata = self.shell.display_formatter.format(result)
        self.fill_exec_result(result)
        if data:
            shell: Any = self.shell
            shell.output.put(
                {
                    "output_type": "execute_result",
                    "data": as_json(data),
                    "metadata": as_json(metadata),
                    "execution_count": shell.execution_count,
                }
            )


class CellDisplayPublisher(DisplayPublisher):  # type: ignore[misc]
    """`display(...)`, figures, and what magics show."""

    def publish(self, data: Any, metadata: Any = None, *_: Any, **__: Any) -> None:
        """One rich output."""
        shell: Any = self.shell
        shell.output.put(
            {
                "output_type": "display_data",
                "data": as_json(data),
                "metadata": as_json(metadata or {}),
            }
        )

    def clear_output(self, wait: bool = False) -> None:
        """Forgets what the cell has put out, as a progress bar asks for."""
        shell: Any = self.shell
        shell.output.put({"output_type": "clear"})


@dataclass(frozen=True)
class _Ahead:
    """A cell parsed before its turn: under which flags, its tree, what Python warned of."""

    text: str
    flags: int
    tree: Any
    said: list[warnings.WarningMessage]


class CellCompiler(CachingCompiler):  # type: ignore[misc]
    """Names cells as a kernel does, so that tracebacks read the same."""

    _ahead: _Ahead | None = None

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        """The file that a cell's code says it is from."""
        return f"/tmp/ipykernel_1/{number}.py"

    def parse_ahead(self, text: str, number: int) -> bool:
        """Parses a cell before its turn, once for both; whether it is Python."""
        self._ahead = None
        try:
            with warnings.catch_warnings(record=True) as said:
                tree = super().ast_parse(text, self.get_code_name(text, text, number))
        except Exception:
            return False
        self._ahead = _Ahead(text, self.flags, tree, said)
        return True

    def ast_parse(self, source: str, filename: str = "<unknown>", symbol: str = "exec") -> Any:
        """The tree of a cell."""
        ahead, self._ahead = self._ahead, None
        if ahead is None or (source, self.flags, symbol) != (ahead.text, ahead.flags, "exec"):
            return super().ast_parse(source, filename, symbol)
        for each in ahead.said:
            warnings.showwarning(each.message, each.category, each.filename, each.lineno)
        return ahead.tree


class CellShell(InteractiveShell):  # type: ignore[misc]
    """One notebook's shell."""

    displayhook_class = Type(CellDisplayHook)
    display_pub_class = Type(CellDisplayPublisher)
    compiler_class = Type(CellCompiler)
    output: Output

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._usual = self._transformers()

    def _transformers(self) -> list[list[Any]]:
        manager = self.input_transformer_manager
        found = (manager.cleanup_transforms, manager.line_transforms, manager.token_transformers)
        return [list(each) for each in (*found, self.input_transformers_post)]

    def transform_cell(self, raw_cell: str) -> str:
        """As IPython's, which reads token by token; what it would not touch is left as it is.

        That is Python in several lines, with nothing of what IPython looks for in any Python.
        """
        text = raw_cell if raw_cell.endswith("\n") else raw_cell + "\n"
        plain = len(text.splitlines()) > 1 and not text[0].isspace() and not TOUCHED.search(text)
        plain = plain and self._transformers() == self._usual
        if plain and self.compile.parse_ahead(text, self.execution_count):
            return text
        return str(super().transform_cell(raw_cell))

    def should_run_async(self, raw_cell: str, **more: Any) -> bool:
        """As IPython's, which compiles the cell to see it; without these words nothing waits."""
        text = more.get("transformed_cell") or raw_cell
        if "await" not in text and "async" not in text:
            return False
        return bool(super().should_run_async(raw_cell, **more))

    def enable_gui(self, gui: Any = None) -> None:
        """No windows here; figures are drawn inline."""

    def ask_exit(self) -> None:
        """`exit` ends nothing: the cells after it still count."""

    def system(self, cmd: str) -> None:
        """`!command`, its output captured."""
        self.system_piped(cmd)

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        try:
            says = str(evalue)
        except Exception:
            says = "(its message cannot be read)"
        name = str(getattr(etype, "__name__", etype))
        self.output.put(
            {
                "output_type": "error",
                "ename": as_json(name),
                "evalue": as_json(says[:10_000]),
                "traceback": as_json([str(line)[:20_000] for line in stb[:200]]),
            }
        )


def as_json(value: Any) -> Any:
    """A value with bytes as base64 and lone surrogates replaced, as notebooks hold them."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, str):
        return str(value).encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {as_json(str(key)): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)


def refuse_input(*_: Any, **__: Any) -> str:
    """Stands in for `input` and `getpass`. Raises StdinNotImplementedError."""
    raise StdinNotImplementedError(NO_INPUT)


refuse_input.__module__ = "builtins"


def make_shell() -> CellShell:
    """A shell without history, colours or a terminal, with figures drawn inline."""
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Context"
    config.InteractiveShell.banner1 = ""
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    shell = CellShell.instance(config=config)
    import matplotlib.pyplot
    from matplotlib_inline.backend_inline import configure_inline_support

    matplotlib.pyplot.switch_backend("module://matplotlib_inline.backend_inline")
    configure_inline_support(shell, "inline")
    return shell
