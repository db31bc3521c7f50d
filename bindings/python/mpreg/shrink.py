"""Making a failing plan small, with the checkers and functions of a script."""

from __future__ import annotations

import dataclasses
import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence

from mpreg import _core
from mpreg.plan import Plan
from mpreg.report import Report
from mpreg.world import Handler, World


def shrink(plan: Plan | str | os.PathLike[str], seed: int | None = None, *, checkers: Sequence[Callable] = (),
           prepare: Callable[[World], object] | None = None, functions: Mapping[str, Handler] | None = None,
           check: str | None = None, timeout: float = 60.0, artifacts: str = "artifacts") -> Report:
    """A smaller plan in which the same thing goes wrong, as the report of its run: `mpreg sim shrink` for those failures
    that only a script can see.

    `plan`: one that fails, or its path, also that of an artifact; `checkers`, `functions`: as for run_plan. `prepare` is
    called with the world of every candidate before it begins, and brings along what must be new each time, such as a
    checker that remembers. Candidates run here, one after the other. `check`: the name of the violation that must remain;
    without it the first one, with the same words about it. A candidate in which code of the script raises is none. After
    `timeout` seconds of wall time the smallest plan so far is the answer. Raises ValueError when nothing fails.
    """
    plan = plan if isinstance(plan, Plan) else Plan.read(plan)
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or timeout < 0:
        raise ValueError(f"timeout: expected seconds from 0, found {timeout!r}")
    plan = plan.with_seed(plan.seed if seed is None else seed)
    end = time.monotonic() + timeout

    def run(candidate: Plan, folder: str) -> Report:
        world = World.from_plan(candidate, functions=functions, artifacts=folder)
        for function in checkers:
            world.checker(function)
        if prepare is not None:
            prepare(world)
        return world.run()

    smallest = run(plan, artifacts)
    found = [violation for violation in smallest.violations if check in (None, violation.check)]
    if not found:
        what = "that fails" if check is None else f"with a violation of {check!r}"
        raise ValueError(f"plan: expected one {what}, with the checkers and functions given")
    wanted = _core.signature_of(found[0].check, found[0].detail)

    def is_same(report: Report) -> bool:
        if check is not None:
            return any(violation.check == check for violation in report.violations)
        return any(_core.signature_of(violation.check, violation.detail) == wanted for violation in report.violations)

    def judge(texts: list[str]) -> int | None:
        nonlocal smallest
        for index, text in enumerate(texts):
            if time.monotonic() >= end:
                return None
            try:
                report = run(Plan(text, plan.name), folder)
            except Exception:  # it makes no sense any more
                continue
            if is_same(report):
                smallest = dataclasses.replace(report, artifacts=artifacts)
                return index
        return -1

    with tempfile.TemporaryDirectory(prefix="mpreg_shrink_") as folder:
        _core.shrink(plan.name, str(plan), found[0].check, judge)
    return smallest
