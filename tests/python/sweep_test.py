"""Sweeps: the same call here, in processes, and on a Dask cluster; plans and their edits."""

import contextlib
import os
import pathlib
import pickle
import re
import signal
import subprocess
import sys
import threading
import time
import unittest

import mpreg
from support import FolderCase

PLAN = mpreg.Plan("cluster nodes=4\nlink latency=1ms..9ms\nrun for=8s\nat 1s expect converged within=5s\n", "join")


def join_time(seed, nodes=3):
    """An experiment; at this level of a module, so that processes find it."""
    return mpreg.World(seed, nodes=nodes).run_until(mpreg.converged, timeout=30)


def give_up(seed, folder):
    world = mpreg.World(seed, nodes=3, artifacts=folder)
    world.run_until(lambda world: False, timeout=2)


def end_at_two(seed, folder):
    with open(os.path.join(folder, str(seed)), "a", encoding="utf-8") as file:
        file.write("x")
    if seed == 2:
        os._exit(3)
    return seed * 10


class Unfit(Exception):
    """An error that no other process can be sent."""

    def __init__(self, lock):
        super().__init__(lock)


def fail_with_a_lock(seed):
    raise Unfit(threading.Lock())


def return_a_lock(seed):
    return threading.Lock()


def fail_at_two(seed):
    if seed == 2:
        raise LookupError("two")
    return seed


class Sweeps(FolderCase):
    def test_a_grid_and_seeds_in_processes_and_without_give_the_same(self):
        grid = {"nodes": [3, 5], "link.loss": ["0%", "5%"]}
        here = mpreg.sweep(PLAN, grid, range(1, 4), jobs=0)
        there = mpreg.sweep(PLAN, grid, range(1, 4), jobs=2)
        self.assertEqual(len(here), 12)
        self.assertEqual([(one.settings, one.seed, one.value.trace_hash) for one in here],
                         [(one.settings, one.seed, one.value.trace_hash) for one in there])
        self.assertEqual(here[-1].settings, {"nodes": 5, "link.loss": "5%"})
        self.assertEqual((here[-1].value.nodes, here[-1].value.plan.name), (5, "join-5-5_"))
        self.assertEqual(len({one.value.trace_hash for one in here}), 12)

    def test_a_function_is_an_experiment(self):
        found = mpreg.sweep(join_time, {"nodes": [3, 6]}, [1, 2], jobs=2)
        self.assertEqual([one.value for one in found], [join_time(seed, nodes) for nodes in (3, 6) for seed in (1, 2)])

    def test_a_failure_travels_with_seed_and_plan(self):
        with self.assertRaises(mpreg.NotReached) as raised:
            mpreg.sweep(give_up, {"folder": [str(self.folder)]}, [4, 5], jobs=2)
        self.assertEqual(raised.exception.seed, 4)
        self.assertEqual(mpreg.read_artifact(raised.exception.plan_path).seed, 4)
        kept = mpreg.sweep(give_up, {"folder": [str(self.folder)]}, [4, 5], jobs=0, keep_errors=True)
        self.assertEqual([outcome.error.seed for outcome in kept], [4, 5])
        copy = pickle.loads(pickle.dumps(kept[0].error))
        self.assertEqual((str(copy), copy.plan_path), (str(kept[0].error), kept[0].error.plan_path))

    def test_a_run_that_ends_its_process_is_an_error_with_its_seed(self):
        script = self.folder / "swarm.py"
        script.write_text(
            "import mpreg\n"
            "plan = mpreg.Plan('cluster nodes=4\\nat 4s pause n2 for=25s\\nrun for=45s', 'fatal')\n"
            "for outcome in mpreg.sweep(plan, seeds=[1, 2], jobs=2, keep_errors=True):\n"
            "    print(outcome.seed, outcome.error or outcome.value.passed)\n")
        planted = pathlib.Path(os.environ["MPREG_BUILD"], "tests", "python")
        found = subprocess.run([sys.executable, str(script)], cwd=self.folder, text=True, capture_output=True,
                               env={**os.environ, "PYTHONPATH": str(planted), "MPREG_PLANTED": "assertion"})
        self.assertEqual(found.returncode, 0, found.stdout + found.stderr)
        self.assertIn("1 the run ended its process (seed 1)\n  plan: artifacts/fatal-1-", found.stdout)
        path = re.search(r"plan: (artifacts/fatal-1-[0-9a-f]{8}\.scn)", found.stdout)[1]
        self.assertEqual(mpreg.read_artifact(self.folder / path).violation[0], "crash")

    def test_what_had_ended_is_not_run_again_when_a_process_ends(self):
        found = mpreg.sweep(end_at_two, {"folder": [str(self.folder)]}, [1, 2, 3], jobs=1, keep_errors=True)
        self.assertEqual([outcome.value for outcome in found], [10, None, 30])
        self.assertIn("the run ended its process (seed 2)", str(found[1].error))
        self.assertEqual((self.folder / "1").read_text(), "x", "it had ended")

    def test_an_error_that_cannot_travel_says_what_it_was(self):
        found = mpreg.sweep(fail_with_a_lock, seeds=[1, 2], jobs=2, keep_errors=True)
        self.assertEqual([type(outcome.error) for outcome in found], [RuntimeError] * 2)
        self.assertIn("Unfit(", str(found[0].error))
        found = mpreg.sweep(return_a_lock, seeds=[1], jobs=1, keep_errors=True)
        self.assertIsNotNone(found[0].error)

    def test_a_dask_cluster_takes_the_same_call(self):
        processes = []
        self.addCleanup(lambda: [self.stop(process) for process in reversed(processes)])

        def start(*arguments):
            # Every port is the system's choice, on loopback. What it says goes to a file, which never fills up.
            with open(self.folder / f"stderr{len(processes)}", "wb") as said:
                process = subprocess.Popen([sys.executable, "-u", "-m", *arguments], stderr=said, cwd=self.folder,
                                           env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
            processes.append(process)
            return process, pathlib.Path(said.name)

        scheduler = start("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
                          "--dashboard-address", "127.0.0.1:0")
        address = self.wait_for(*scheduler, r"Scheduler at:\s+(tcp://\S+)")
        for name in ("one", "two"):
            worker = start("distributed.cli.dask_worker", address, "--host", "127.0.0.1", "--nthreads", "1", "--name", name,
                           "--no-dashboard", "--no-nanny", "--local-directory", str(self.folder))
            self.wait_for(*worker, r"(Registered to)")
        found = mpreg.sweep(where, {"nodes": [3, 4]}, range(1, 9), scheduler=address)
        self.assertEqual([(one.settings, one.seed, one.value[0]) for one in found],
                         [(one.settings, one.seed, one.value[0]) for one in mpreg.sweep(where, {"nodes": [3, 4]},
                                                                                      range(1, 9), jobs=0)])
        workers = {one.value[1] for one in found}
        self.assertEqual(workers, {processes[1].pid, processes[2].pid})
        kept = mpreg.sweep(fail_at_two, seeds=[1, 2, 3], scheduler=address, keep_errors=True)
        self.assertEqual([(one.value, str(one.error)) for one in kept], [(1, "None"), (None, "two"), (3, "None")])
        reports = mpreg.sweep(PLAN, {"nodes": [3]}, [1], scheduler=address)
        self.assertEqual(reports[0].value.trace_hash, mpreg.run_plan(PLAN.with_setting("nodes", 3), 1).trace_hash)

    def wait_for(self, process, said, pattern):
        """What a process says, read from its file until it ends or a minute is over."""
        last = time.monotonic() + 60
        while time.monotonic() < last:
            has_ended = process.poll() is not None
            found = re.search(pattern, said.read_text(encoding="utf-8", errors="replace"))
            if found:
                return found[1]
            if has_ended:
                self.fail(f"ended with {process.returncode} without {pattern}: {said.read_text(encoding='utf-8')}")
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
        self.fail(f"never said {pattern}: {said.read_text(encoding='utf-8')}")

    def stop(self, process):
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def test_what_is_wrong_names_its_argument(self):
        self.refuses(TypeError, "experiment: expected a plan", mpreg.sweep, 5)
        self.refuses(ValueError, "jobs: expected a number from 0", mpreg.sweep, PLAN, jobs=-1)
        self.refuses(ValueError, "grid: expected at least one value for 'nodes'", mpreg.sweep, PLAN, {"nodes": []})
        self.refuses(ValueError, "seeds: expected whole numbers", mpreg.sweep, PLAN, seeds=["a"])
        self.refuses(TypeError, "scheduler: expected an address", mpreg.sweep, PLAN, scheduler=5)
        self.refuses(ValueError, "plan: join-much:", mpreg.sweep, PLAN, {"link.loss": ["much"]}, [1], jobs=0)


def where(seed, nodes):
    return join_time(seed, nodes), os.getpid()


class Plans(FolderCase):
    def test_a_plan_is_edited_without_being_changed(self):
        self.assertEqual(str(PLAN.with_steps("at 3s crash n1")).splitlines()[-1], "at 3s crash n1")
        self.assertEqual(len(PLAN.without(0, 1)), 2)
        self.assertEqual(PLAN.with_setting("link.loss", "2%")[1].settings, {"latency": "1ms..9ms", "loss": "2%"})
        self.assertEqual((PLAN.seed, PLAN.has_seed, PLAN.with_seed(9).seed, PLAN.with_seed(9).has_seed), (1, False, 9, True))
        self.assertEqual(PLAN[3], mpreg.Step("at 1s expect converged within=5s", 1.0, "expect", ("converged",),
                                             {"within": "5s"}))
        self.assertEqual(len({PLAN, mpreg.Plan(str(PLAN), "other"), PLAN.with_seed(2)}), 2)
        self.assertEqual(pickle.loads(pickle.dumps(PLAN)).name, "join")
        self.assertEqual(len(PLAN), 4)

    def test_a_plan_is_read_as_it_was_written(self):
        path = PLAN.write(self.folder / "deep" / "join.scn")
        self.assertEqual(mpreg.Plan.read(path), PLAN)
        self.assertEqual(mpreg.run_plan(path).trace_hash, mpreg.run_plan(PLAN).trace_hash)
        report = mpreg.run_plan(PLAN, 6)
        self.assertEqual(mpreg.Plan.read(report.save(self.folder / "a.scn")), report.plan)
        self.refuses(ValueError, f"path: {path}: expected an artifact", mpreg.read_artifact, path)

    def test_what_is_no_plan_says_where(self):
        self.refuses(ValueError, "text: plan:2:1: expected a verb", mpreg.Plan, "cluster nodes=3\njumble")
        self.refuses(ValueError, "plan:1:15: expected a number from 1", mpreg.Plan("cluster nodes=0").check)
        self.refuses(TypeError, "text: expected a text", mpreg.Plan, 5)
        self.refuses(ValueError, "indices: expected 0 to 3", PLAN.without, 9)

    def test_the_swarm_draws_plans_that_hold(self):
        for seed in range(3):
            mpreg.run_plan(mpreg.swarm_plan(seed, (3, 8))).check()


if __name__ == "__main__":
    unittest.main()
