"""What came of a run, as plain values that travel between processes."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from typing import NamedTuple

from mpreg.errors import ViolationError
from mpreg.plan import Plan


class Violation(NamedTuple):
    """A promise that did not hold."""

    check: str
    at: float  #: Seconds.
    node: str | None  #: None when it concerns no single node.
    detail: str

    def __str__(self) -> str:
        return f"{self.check} at {self.at:.3f} s{f' at {self.node}' if self.node else ''}: {self.detail}"


@dataclasses.dataclass(frozen=True)
class Report:
    """The figures of a run. `plan` is what was executed; running it again gives the same `trace_hash`."""

    plan: Plan
    seed: int
    nodes: int
    simulated: float  #: Seconds.
    events: int
    turns: int  #: Inputs that nodes handled.
    messages: int
    bytes: int
    trace_hash: str
    converged_at: float | None  #: Of the last `expect converged` that was met.
    violation_count: int
    violations: tuple[Violation, ...]  #: The first hundred.
    calls: dict[str, int]
    faults: dict[str, int]  #: How often each kind happened.
    coverage: dict[str, int]  #: The same of every mark.
    artifact: str = dataclasses.field(repr=False)  #: The text that `mpreg sim replay` takes.
    artifacts: str = "artifacts"  #: The folder where a failure leaves it.

    @property
    def passed(self) -> bool:
        return self.violation_count == 0

    def save(self, path: str | os.PathLike[str] | None = None) -> pathlib.Path:
        """Writes the artifact; by default `<artifacts>/<name of the plan>-<seed>.scn`."""
        file = pathlib.Path(path) if path is not None else pathlib.Path(self.artifacts) / f"{self.plan.name}-{self.seed}.scn"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self.artifact, encoding="utf-8")
        return file

    def check(self) -> Report:
        """Itself. Raises ViolationError, and leaves the artifact, when a promise did not hold."""
        if self.passed:
            return self
        more = "" if self.violation_count == 1 else f" (and {self.violation_count - 1} more)"
        raise ViolationError(f"{self.violations[0]}{more}", self.seed, str(self.save()))

    def __str__(self) -> str:
        lines = [f"{self.plan.name} seed {self.seed}: {'pass' if self.passed else 'FAIL'}, {self.nodes} nodes, "
                 f"{self.simulated:g} s simulated, {self.messages} messages, trace {self.trace_hash}"]
        lines += [f"  violation {violation}" for violation in self.violations[:5]]
        return "\n".join(lines)

