"""Outputs as a sandbox sends them, an attacker's words, made into nbformat's."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode

#: Pieces of output that one cell may leave.
MOST_PIECES = 1_000
CUT = "\n… the rest of this cell's output was cut: it is over the limit.\n"


def new_output(output_type: str, **fields: Any) -> NotebookNode:
    """An output of nbformat 4, without the jsonschema validation of each that nbformat's own does.

    `fields` are the kind's own, all given: the tests validate whole notebooks.
    """
    if output_type in ("display_data", "execute_result"):
        fields.setdefault("metadata", NotebookNode())
        fields["data"] = NotebookNode(fields["data"])
    return NotebookNode(output_type=output_type, **fields)


class Collected:
    """What one cell put out, within `limit` bytes whatever the sandbox sends."""

    def __init__(self, limit: int) -> None:
        self.outputs: list[NotebookNode] = []
        self._limit = self._left = limit

    def add(self, said: Any) -> None:
        """Adds one output as the sandbox words it; what is none is left out."""
        if type(said) is not dict or self._left < 0:
            return
        kind = said.get("output_type")
        if kind == "clear":
            self.outputs.clear()
        elif kind == "stream":
            self._stream(said)
        elif kind in ("display_data", "execute_result"):
            self._rich(kind, said)
        elif kind == "error":
            lines = said.get("traceback")
            self._put(
                new_output(
                    "error",
                    ename=self._text(said.get("ename"), 200),
                    evalue=self._text(said.get("evalue"), 10_000),
                    traceback=[self._text(line, 20_000) for line in lines[:200]]
                    if type(lines) is list
                    else [],
                )
            )

    @property
    def size(self) -> int:
        """Characters that were kept."""
        return self._limit - max(0, self._left)

    def number(self, count: int) -> None:
        """Gives the cell's execution count to its results."""
        for output in self.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count

    def _stream(self, said: dict[str, Any]) -> None:
        name = "stderr" if said.get("name") == "stderr" else "stdout"
        text = self._text(said.get("text"), self._left)
        last = self.outputs[-1] if self.outputs else None
        if last is not None and last.output_type == "stream" and last.name == name:
            last.text += text
        else:
            self._put(new_output("stream", name=name, text=text))

    def _rich(self, kind: str, said: dict[str, Any]) -> None:
        data = said.get("data")
        if type(data) is not dict:
            return
        kept = {str(mime)[:100]: self._data(value) for mime, value in list(data.items())[:20]}
        kept = {mime: value for mime, value in kept.items() if value is not None}
        if kind == "execute_result":
            self._put(new_output(kind, data=kept, execution_count=1))
        else:
            self._put(new_output(kind, data=kept))

    def _data(self, value: Any) -> str | None:
        """One form of a rich output: text. What JSON forms exist, no viewer here needs."""
        if type(value) is str:
            return self._text(value, self._left)
        if type(value) is list and all(type(line) is str for line in value):
            return self._text("".join(value), self._left)
        return None

    def _text(self, value: Any, most: int) -> str:
        text = value[: max(0, most)] if type(value) is str else ""
        self._left -= len(text)
        return text

    def _put(self, output: NotebookNode) -> None:
        if len(self.outputs) >= MOST_PIECES:
            self._left = -1
            self.outputs.append(new_output("stream", name="stdout", text=CUT))
        else:
            self.outputs.append(output)
