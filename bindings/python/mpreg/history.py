"""Histories: what clients did and saw, and whether it can have been one object after another."""

from __future__ import annotations

import json
import os
import pathlib
from typing import NamedTuple

from mpreg import _core
from mpreg.units import Span, nanos, text, whole

Value = int | tuple[int, ...] | None


def _value(value: object) -> Value:
    several = value if isinstance(value, (tuple, list)) else () if value is None else (value,)
    for one in several:
        if not isinstance(one, int) or isinstance(one, bool):
            raise TypeError(f"value: expected None, a whole number or several, found {value!r}")
        if not -2**63 <= one < 2**63:
            raise ValueError(f"value: expected numbers of 64 bits, found {value!r}")
    return value if value is None else tuple(several)


class Operation(NamedTuple):
    """One operation of one client, from its invocation to its end."""

    process: int
    key: str
    function: str
    argument: Value
    result: Value
    error: str
    ending: str  #: "ok", "fail" (it certainly did not happen) or "info" (nobody knows).
    invoked: float  #: Seconds.
    ended: float | None  #: None while it is open.

    @staticmethod
    def _of(found: dict) -> Operation:
        ended = found["ended_ns"]
        return Operation(found["process"], found["key"], found["function"], found["argument"], found["result"],
                         found["error"], found["ending"], found["invoked_ns"] / 1e9, None if ended is None else ended / 1e9)


class History:
    """All that clients did and saw, in order: recorded by a world (`World(history=True)`) or written by hand."""

    def __init__(self, core: _core.History | None = None):
        self._core = core if core is not None else _core.History()

    def invoke(self, process: int, function: str, value: Value = None, *, key: str = "", at: Span = 0.0) -> None:
        """A client begins an operation: "read", "write", "cas", "add"."""
        self._core.invoke(whole(process, "process"), nanos(at, "at"), text(key, "key"), text(function, "function"),
                          _value(value))

    def end(self, process: int, ending: str, value: Value = None, *, at: Span = 0.0, error: str = "") -> None:
        """Its operation ends: "ok", "fail" or "info"."""
        self._core.end(whole(process, "process"), nanos(at, "at"), text(ending, "ending"), _value(value), text(error, "error"))

    @property
    def operations(self) -> list[Operation]:
        return [Operation._of(found) for found in self._core.operations()]

    def __len__(self) -> int:
        return len(self._core)

    def json_lines(self) -> str:
        """One JSON object an event."""
        return self._core.json_lines()

    def edn(self) -> str:
        """Jepsen's vocabulary, for Knossos, Elle and Porcupine."""
        return self._core.edn()

    @classmethod
    def parse(cls, text: str) -> History:
        """Reads JSON lines. Raises ValueError with the line that is wrong."""
        history = cls()
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip():
                continue
            try:
                event = json.loads(line)
                process, value, at = event["process"], event.get("value"), f"{whole(event['time'], 'time')}ns"
                if event["type"] == "invoke":
                    history.invoke(process, event["f"], value, key=event.get("key", ""), at=at)
                else:
                    history.end(process, event["type"], value, at=at, error=event.get("error", ""))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise ValueError(f"text: line {number}: {error}") from None
        return history

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> History:
        return cls.parse(pathlib.Path(path).read_text(encoding="utf-8"))


class Judgement(NamedTuple):
    """What the checker found."""

    verdict: str  #: "linearizable", "contradiction" or "undecided" (too many operations at once).
    key: str
    why: str
    window: tuple[Operation, ...]  #: Of a contradiction: a few operations that exclude each other.
    operations: int
    explored: int

    @property
    def is_linearizable(self) -> bool:
        return self.verdict == "linearizable"


def judge(history: History, model: str = "register", *, configurations: int = 200_000) -> Judgement:
    """Whether a history is linearizable, key by key, as a "register" or a "counter". Exact; see sim/history."""
    if not isinstance(history, History):
        raise TypeError(f"history: expected a History, found {history!r}")
    found = _core.judge(history._core, text(model, "model"), whole(configurations, "configurations"))
    window = tuple(Operation._of(operation) for operation in found["window"])
    return Judgement(found["verdict"], found["key"], found["why"], window, found["operations"], found["explored"])
