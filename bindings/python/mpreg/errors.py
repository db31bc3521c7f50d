"""What can go wrong in a run, with all that is needed to see it again."""

import shlex


def replay_command(path):
    """The command that runs an artifact again and compares the trace hash."""
    return f"mpreg sim replay {shlex.quote(str(path))}"


class SimulationError(Exception):
    """A run went wrong. `seed` and `plan_path` (an artifact, or None) name it; `replay` is the command that repeats it."""

    def __init__(self, message: str, seed: int, plan_path: str | None):
        super().__init__(message, seed, plan_path)
        self.message = message
        self.seed = seed
        self.plan_path = plan_path

    @property
    def replay(self) -> str | None:
        return None if self.plan_path is None else replay_command(self.plan_path)

    def __str__(self) -> str:
        where = "" if self.plan_path is None else f"\n  plan: {self.plan_path}\n  replay: {self.replay}"
        return f"{self.message} (seed {self.seed}){where}"


class ViolationError(SimulationError):
    """A promise did not hold: `Report.check`."""


class NotReached(SimulationError, TimeoutError):
    """`World.run_until` came to the end of its time."""
