"""What came of a run, as plain values that travel between processes."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import threading
from typing import NamedTuple

from mpreg.errors import ViolationError
from mpreg.plan import Plan


def write_whole(file: pathlib.Path, text: str) -> pathlib.Path:
    """Writes a file beside its place first: whoever reads it reads all of it. Folders are made."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{os.getpid()}-{threading.get_ident()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)
    return file


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
    """The figures of a run. `plan` is what was executed; running it again gives the same `trace_hash`.

    Of a run that is not over, what is judged at the end is not judged yet.
    """

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
    functions: tuple[str, ...] = ()  #: Names of those served in Python: without them the plan does not run.

    @property
    def passed(self) -> bool:
        return self.violation_count == 0

    def save(self, path: str | os.PathLike[str] | None = None) -> pathlib.Path:
        """Writes the artifact; by default `<artifacts>/<name of the plan>-<seed>-<first 8 of the trace hash>.scn`."""
        name = f"{self.plan.name}-{self.seed}-{self.trace_hash[:8]}.scn"
        return write_whole(pathlib.Path(path) if path is not None else pathlib.Path(self.artifacts) / name, self.artifact)

    def check(self) -> Report:
        """Itself. Raises ViolationError, and leaves the artifact, when a promise did not hold."""
        if self.passed:
            return self
        more = "" if self.violation_count == 1 else f" (and {self.violation_count - 1} more)"
        raise ViolationError(f"{self.violations[0]}{more}", self.seed, str(self.save()), self.functions)

    def __str__(self) -> str:
        lines = [f"{self.plan.name} seed {self.seed}: {'pass' if self.passed else 'FAIL'}, {self.nodes} nodes, "
                 f"{self.simulated:g} s simulated, {self.messages} messages, trace {self.trace_hash}"]
        lines += [f"  violation {violation}" for violation in self.violations[:5]]
        return "\n".join(lines)

