"""What can go wrong in a run, with all that is needed to see it again."""

import shlex


def replay_command(path):
    """The command that runs an artifact again and compares the trace hash."""
    return f"mpreg sim replay {shlex.quote(str(path))}"


def how_to_repeat(path, functions=()):
    """How to see a run again, in words: the command, or Python where functions served in Python are needed."""
    if not functions:
        return f"replay: {replay_command(path)}"
    return f"run again: mpreg.run_plan({str(path)!r}, functions={{{', '.join(f'{name!r}: ...' for name in functions)}}})"


class SimulationError(Exception):
    """A run went wrong. `seed` and `plan_path` (an artifact, or None) name it; `replay` is the command that repeats it.

    A run with functions served in Python (`functions`, their names) has no such command, and the message says what to
    call instead.
    """

    def __init__(self, message: str, seed: int, plan_path: str | None, functions: tuple[str, ...] = ()):
        super().__init__(message, seed, plan_path, functions)
        self.message = message
        self.seed = seed
        self.plan_path = plan_path
        self.functions = functions

    @property
    def replay(self) -> str | None:
        return None if self.plan_path is None or self.functions else replay_command(self.plan_path)

    def __str__(self) -> str:
        where = "" if self.plan_path is None else f"\n  plan: {self.plan_path}\n  {how_to_repeat(self.plan_path, self.functions)}"
        return f"{self.message} (seed {self.seed}){where}"


class ViolationError(SimulationError):
    """A promise did not hold: `Report.check`."""


class NotReached(SimulationError, TimeoutError):
    """`World.run_until` came to the end of its time."""
