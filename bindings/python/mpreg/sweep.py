"""Many runs: over seeds and a grid of settings, in processes of this machine or on a Dask cluster."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import itertools
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from mpreg.plan import Plan
from mpreg.report import Report
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
            plan = self.experiment
            for key, value in self.settings.items():
                plan = plan.with_setting(key, value)
            return run_plan(plan, self.seed, artifacts=self.artifacts), None
        except Exception as error:  # travels to who asked
            return None, error


def sweep(experiment: Plan | str | os.PathLike[str] | Callable[..., Any],
          grid: Mapping[str, Iterable[Any]] | None = None, seeds: Iterable[int] = range(1, 11), *,
          jobs: int | None = None, scheduler: str | None = None, keep_errors: bool = False,
          artifacts: str = "artifacts") -> list[Outcome]:
    """Runs an experiment for every point of a grid and every seed; outcomes in that order, whatever the machine.

    `experiment`: a plan (or the path of one), whose settings the grid changes ({"link.loss": ["0%", "5%"]}), or a
    function `experiment(seed, **settings)` that returns something small. It must be importable, as for any process pool.
    `jobs`: processes (as many as there are processors; 0 runs everything here). `scheduler`: the address of a Dask
    scheduler, such as "tcp://10.0.0.1:8786": the same call there, on all its workers, which need this package.
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
        return list(pool.map(_Task.run, tasks, chunksize=max(1, len(tasks) // (jobs * 8))))


def _on_dask(tasks: list[_Task], scheduler: str) -> list[tuple]:
    from distributed import Client  # only here: who has no cluster needs no Dask

    with Client(scheduler, timeout="30s") as client:
        return client.gather(client.map(_Task.run, tasks, pure=False))
