"""Many runs: over seeds and a grid of settings, in processes of this machine or on a Dask cluster."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import hashlib
import itertools
import os
import pathlib
import pickle
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from typing import Any, NamedTuple

from mpreg import _core
from mpreg.errors import SimulationError
from mpreg.plan import Plan
from mpreg.report import Report, write_whole
from mpreg.world import Handler, World


def run_plan(plan: Plan | str | os.PathLike[str], seed: int | None = None, *, checkers: Sequence[Callable] = (),
             functions: Mapping[str, Handler] | None = None, artifacts: str = "artifacts") -> Report:
    """Executes a plan once. `plan` may be the path of a file; without a seed the plan's own counts.

    `checkers`: functions of the world, called at quiet points. `functions`: those served in Python (World.function).
    """
    plan = plan if isinstance(plan, Plan) else Plan.read(plan)
    world = World.from_plan(plan, seed, functions=functions, artifacts=artifacts)
    for function in checkers:
        world.checker(function)
    return world.run()


class Outcome(NamedTuple):
    """One run of a sweep."""

    settings: dict[str, Any]  #: The point of the grid.
    seed: int
    value: Any  #: What the experiment returned: a Report where a plan was swept; None after an error.
    error: BaseException | None


@dataclasses.dataclass(frozen=True)
class _Task:
    """One run, wherever it happens."""

    experiment: Plan | Callable[..., Any]
    settings: dict[str, Any]
    seed: int
    artifacts: str

    def run(self) -> tuple[Any, BaseException | None]:
        try:
            if callable(self.experiment):
                return self.experiment(self.seed, **self.settings), None
            return run_plan(self.plan(), self.seed, artifacts=self.artifacts), None
        except Exception as error:  # travels to who asked
            return None, error

    def run_afar(self) -> tuple[Any, BaseException | None]:
        """The same for another process: what cannot travel says what it was."""
        value, error = self.run()
        if error is None:
            return value, None
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:
            return None, RuntimeError(repr(error))
        return None, error

    def plan(self) -> Plan:
        """The plan with the settings of this point, whose values are in its name as well."""
        plan = self.experiment
        for key, value in self.settings.items():
            plan = plan.with_setting(key, value)
        return plan.with_name("-".join([plan.name, *(re.sub(r"[^\w.]+", "_", str(value)) for value in self.settings.values())]))

    def run_alone(self) -> tuple[Any, BaseException | None]:
        """In a process of its own, which it may take down with it."""
        with concurrent.futures.ProcessPoolExecutor(1) as pool:
            try:
                return pool.submit(self.run_afar).result()
            except BrokenProcessPool:
                return None, SimulationError("the run ended its process", self.seed, self._leave())
            except Exception as error:  # what it returns cannot travel
                return None, error

    def _leave(self) -> str | None:
        """The artifact of a plan; what a function would have run nobody knows."""
        if not isinstance(self.experiment, Plan):
            return None
        plan = self.plan()
        text = _core.crash_artifact(plan.name, str(plan), self.seed, "the process ended")
        name = f"{plan.name}-{self.seed}-{hashlib.sha256(text.encode()).hexdigest()[:8]}.scn"  # it has no trace hash
        return str(write_whole(pathlib.Path(self.artifacts) / name, text))


def sweep(experiment: Plan | str | os.PathLike[str] | Callable[..., Any],
          grid: Mapping[str, Iterable[Any]] | None = None, seeds: Iterable[int] = range(1, 11), *,
          jobs: int | None = None, scheduler: str | None = None, keep_errors: bool = False,
          artifacts: str = "artifacts") -> list[Outcome]:
    """Runs an experiment for every point of a grid and every seed; outcomes in that order, whatever the machine.

    `experiment`: a plan (or the path of one), whose settings the grid changes ({"link.loss": ["0%", "5%"]}), or a
    function `experiment(seed, **settings)` that returns something small. It must be importable, as for any process pool.
    `jobs`: processes (as many as there are processors; 0 runs everything here). `scheduler`: the address of a Dask
    scheduler, such as "tcp://10.0.0.1:8786": the same call there, on all its workers, which need this package.
    A run that ends its process (an assertion of the engine) is an error like others; on a cluster it is Dask's.
    An error of a run is raised when all others have ended, or kept in its outcome with `keep_errors`.
    """
    if isinstance(experiment, (str, os.PathLike)):
        experiment = Plan.read(experiment)
    if not callable(experiment) and not isinstance(experiment, Plan):
        raise TypeError(f"experiment: expected a plan, its path or a function, found {experiment!r}")
    if jobs is not None and (not isinstance(jobs, int) or isinstance(jobs, bool) or jobs < 0):
        raise ValueError(f"jobs: expected a number from 0, found {jobs!r}")
    if scheduler is not None and not isinstance(scheduler, str):
        raise TypeError(f"scheduler: expected an address such as 'tcp://127.0.0.1:8786', found {scheduler!r}")
    grid = {key: list(values) for key, values in (grid or {}).items()}
    for key, values in grid.items():
        if not values:
            raise ValueError(f"grid: expected at least one value for {key!r}")
    seeds = list(seeds)
    for seed in seeds:
        if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
            raise ValueError(f"seeds: expected whole numbers from 0, found {seed!r}")
    points = [dict(zip(grid, values)) for values in itertools.product(*grid.values())]
    tasks = [_Task(experiment, point, seed, artifacts) for point in points for seed in seeds]
    found = _on_dask(tasks, scheduler) if scheduler else _here(tasks, jobs)
    outcomes = [Outcome(task.settings, task.seed, value, error) for task, (value, error) in zip(tasks, found)]
    for outcome in outcomes:
        if outcome.error is not None and not keep_errors:
            raise outcome.error
    return outcomes


def _here(tasks: list[_Task], jobs: int | None) -> list[tuple]:
    jobs = (os.cpu_count() or 1) if jobs is None else jobs
    if jobs == 0 or not tasks:
        return [task.run() for task in tasks]
    jobs = min(jobs, len(tasks))
    with concurrent.futures.ProcessPoolExecutor(jobs) as pool:
        found = _gathered(_submitted(pool, tasks))
    # A process that ended (an assertion of the engine, say) takes all that had not ended with it: those once more.
    return [task.run_alone() if isinstance(error, BrokenProcessPool) else (value, error)
            for task, (value, error) in zip(tasks, found)]


def _submitted(pool: concurrent.futures.Executor, tasks: list[_Task]) -> Iterable[concurrent.futures.Future]:
    for task in tasks:
        try:
            yield pool.submit(task.run_afar)
        except BrokenProcessPool as error:
            broken: concurrent.futures.Future = concurrent.futures.Future()
            broken.set_exception(error)
            yield broken


def _gathered(futures: Iterable[Any]) -> list[tuple]:
    """What each came to. What keeps one from saying it, an end of its process say, is its error."""
    found = []
    for future in list(futures):
        try:
            found.append(future.result())
        except Exception as error:
            found.append((None, error))
    return found


def _on_dask(tasks: list[_Task], scheduler: str) -> list[tuple]:
    from distributed import Client  # only here: who has no cluster needs no Dask

    with Client(scheduler, timeout="30s") as client:
        return _gathered(client.map(_Task.run_afar, tasks, pure=False, retries=0))
