"""Plans: the data form of a scenario, one text line a step. docs/SCENARIOS.md has every verb."""

from __future__ import annotations

import os
import pathlib
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mpreg import _core, units

_SEED = re.compile(r"^run\b.*\bseed=")


class Step(NamedTuple):
    """One step: [at TIME] verb words... key=value..."""

    text: str
    at: float | None  #: Seconds from the beginning of the world.
    verb: str
    words: tuple[str, ...]
    settings: dict[str, str]


class Plan:
    """A plan that cannot be changed: edits give another one. Equal plans have equal steps, whatever their names.

    Raises ValueError with "line:column: expected ..." for what is no plan.
    """

    __slots__ = ("_name", "_steps")

    def __init__(self, text: str = "", name: str = "plan"):
        if not isinstance(text, str):
            raise TypeError(f"text: expected a text, found {text!r}")
        if not isinstance(name, str):
            raise TypeError(f"name: expected a text, found {name!r}")
        self._name = name
        try:
            self._steps = tuple(_core.parse_plan(name, text)) if text.strip() else ()
        except ValueError as error:
            raise ValueError(f"text: {name}:{error}") from None

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Plan:
        """The plan of a file; also of an artifact."""
        file = pathlib.Path(path)
        try:
            return cls(file.read_text(encoding="utf-8"), file.stem)
        except ValueError as error:
            raise ValueError(f"path: {file}: {error}") from None

    def write(self, path: str | os.PathLike[str]) -> pathlib.Path:
        """Writes the text; folders are made."""
        file = pathlib.Path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(str(self), encoding="utf-8")
        return file

    @property
    def name(self) -> str:
        return self._name

    @property
    def seed(self) -> int:
        """The seed that the plan names ("run seed=7"), else 1."""
        return _core.seed_of(str(self)) if self._steps else 1

    @property
    def has_seed(self) -> bool:
        return any(_SEED.match(step) for step in self._steps)

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(_step_of(text) for text in self._steps)

    def check(self) -> Plan:
        """Itself. Raises ValueError unless every step makes sense."""
        try:
            _core.check_plan(self._name, str(self))
        except ValueError as error:
            raise ValueError(f"{self._name}:{error}") from None
        return self

    def with_steps(self, *texts: str) -> Plan:
        """With further steps at the end."""
        return Plan("\n".join((*self._steps, *texts)), self._name)

    def without(self, *indices: int) -> Plan:
        """Without the steps at these places, counted from 0."""
        for index in indices:
            if not 0 <= index < len(self._steps):
                raise ValueError(f"indices: expected 0 to {len(self._steps) - 1}, found {index!r}")
        return self._of(text for index, text in enumerate(self._steps) if index not in indices)

    def with_setting(self, key: str, value: object) -> Plan:
        """Another value as by `mpreg sim run --set`: "link.loss", "nodes", or an option of the engine."""
        if not isinstance(key, str):
            raise TypeError(f"key: expected a text such as 'link.loss', found {key!r}")
        try:
            return self._of(_core.override_plan(str(self), f"{key}={value}"))
        except ValueError as error:
            raise ValueError(f"key: {error}") from None

    def with_name(self, name: str) -> Plan:
        """The same steps under another name."""
        return Plan(str(self), name)

    def with_seed(self, seed: int) -> Plan:
        """With the seed that it runs with unless another is given."""
        return self.with_setting("run.seed", units.seed(seed))

    def _of(self, steps: Iterable[str]) -> Plan:
        plan = Plan("", self._name)
        plan._steps = tuple(steps)
        return plan

    def __reduce__(self):
        return Plan, (str(self), self._name)

    def __str__(self) -> str:
        return "".join(text + "\n" for text in self._steps)

    def __repr__(self) -> str:
        return f"<mpreg.Plan {self._name}: {len(self._steps)} steps>"

    def __len__(self) -> int:
        return len(self._steps)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __getitem__(self, index: int) -> Step:
        return self.steps[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plan) and self._steps == other._steps

    def __hash__(self) -> int:
        return hash(self._steps)


def _step_of(text: str) -> Step:
    parts = text.split(" ")
    at = None
    if parts[0] == "at":
        at = units.nanos(parts[1], "at") / 1e9
        parts = parts[2:]
    words = tuple(part for part in parts[1:] if "=" not in part)
    settings = dict(part.split("=", 1) for part in parts[1:] if "=" in part)
    return Step(text, at, parts[0], words, settings)


class Artifact(NamedTuple):
    """A run that was written down: `mpreg sim replay` repeats it."""

    plan: Plan
    seed: int
    build: str
    trace_hash: str | None
    violation: tuple[str, float, str | None, str] | None  #: The first: check, seconds, node, detail.


def read_artifact(path: str | os.PathLike[str]) -> Artifact:
    """Reads what a failing run left. Raises ValueError for a file that is none."""
    file = pathlib.Path(path)
    text = file.read_text(encoding="utf-8")
    if not _core.is_artifact(text):
        raise ValueError(f"path: {file}: expected an artifact; Plan.read() reads plans")
    found = _core.read_artifact(file.stem, text)
    violation = found["violation"]
    if violation is not None:
        check, at, node, detail = violation
        violation = (check, at / 1e9, f"n{node}" if node else None, detail)
    return Artifact(Plan("\n".join(found["steps"]), file.stem), found["seed"], found["build"], found["trace_hash"], violation)


def swarm_plan(seed: int, nodes: tuple[int, int] = (3, 50)) -> Plan:
    """The plan that the swarm draws for a seed: a world, faults, and what must hold then."""
    units.seed(seed)
    if not isinstance(nodes, (tuple, list)) or len(nodes) != 2:
        raise ValueError(f"nodes: expected the least and the most, found {nodes!r}")
    least, most = (min(units.whole(number, "nodes"), 2**32 - 1) for number in nodes)
    return Plan("\n".join(_core.swarm_plan(seed, least, most)), "swarm")
