"""The scripts of scenarios/python, each in small form; properties drawn by Hypothesis."""

import os
import pathlib
import re
import subprocess
import sys
import unittest

from hypothesis import given, settings

import mpreg
from mpreg import strategies
from support import ROOT, FolderCase

SCRIPTS = ROOT / "scenarios" / "python"
BUILD = pathlib.Path(os.environ["MPREG_BUILD"])


class Scripts(FolderCase):
    def run_script(self, name, *arguments, code=0, environment=None):
        found = subprocess.run([sys.executable, str(SCRIPTS / f"{name}.py"), *arguments, "--out", str(self.folder)],
                               env={**os.environ, **(environment or {})}, cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(found.returncode, code, found.stdout + found.stderr)
        return found.stdout

    def assert_figure(self, name):
        png, svg = (self.folder / f"{name}.{suffix}" for suffix in ("png", "svg"))
        self.assertTrue(png.read_bytes().startswith(b"\x89PNG"))
        self.assertGreater(png.stat().st_size, 10_000)
        self.assertIn("</svg>", svg.read_text(encoding="utf-8"))

    def test_join_time_against_size(self):
        said = self.run_script("join_time", "--seeds", "2", "--sizes", "3", "8", "--jobs", "2")
        times = {line.split()[0]: [float(word) for word in line.split()[1:]] for line in said.splitlines()[1:6]}
        self.assertEqual(set(times), {"mesh", "star", "ring", "tree", "random"})
        self.assertTrue(all(0 < time < 10 for row in times.values() for time in row), times)
        self.assert_figure("join_time")

    def test_partition_and_heal(self):
        said = self.run_script("partition_heal", "--nodes", "6")
        self.assertRegex(said, r"split at 10 s, healed at 40 s, agreed again at 4\d\.\d s")
        self.assert_figure("partition_heal")

    def test_loss_against_convergence(self):
        said = self.run_script("loss_convergence", "--seeds", "4", "--nodes", "5", "--losses", "0", "0.3", "--jobs", "2")
        medians = [float(found) for found in re.findall(r"median +([\d.]+) s", said)]
        self.assertEqual(len(medians), 2)
        self.assertLess(medians[0], medians[1])
        self.assert_figure("loss_convergence")

    def test_a_checker_finds_a_planted_fault(self):
        planted = {"PYTHONPATH": str(BUILD / "tests" / "python"), "MPREG_PLANTED": "tombstone_dropped"}
        said = self.run_script("find_fault", "--shrink", "10", code=1, environment=planted)
        self.assertRegex(said, r"violation no_ghosts at [\d.]+ s: n\d still offers mul\.w\d")
        self.assertIn("replay: mpreg sim replay", said)
        self.assertRegex(said, r"the smallest that fails so, \d+ steps:\ncluster nodes=")
        self.assertEqual(self.run_script("find_fault", "--seeds", "5"), "5 seeds, nothing found\n")

    def test_properties_hold_and_a_wrong_one_prints_its_replay(self):
        self.assertIn("15 plans, all held", self.run_script("properties", "--examples", "15"))
        said = self.run_script("properties", "--wrong", "--examples", "60", code=1)
        command = re.search(r"replay: (mpreg sim replay \S+)", said)[1]
        replay = subprocess.run([os.environ["MPREG"], *command.split()[1:]], capture_output=True, text=True)
        self.assertEqual(replay.returncode, 0, replay.stdout + replay.stderr)
        self.assertIn("violation no_eviction", replay.stdout)
        plan = said.split("the smallest plan found:\n")[1]
        self.assertLessEqual(len(mpreg.Plan(plan)), 9, plan)


class Strategies(unittest.TestCase):
    @settings(max_examples=60, deadline=None, database=None, derandomize=True)
    @given(strategies.plans(kinds=(*strategies.FAULTS, "leave")))
    def test_every_drawn_plan_is_one(self, plan):
        self.assertEqual(mpreg.Plan(str(plan)), plan.check())

    def test_every_kind_is_drawn(self):
        kinds = set()

        @settings(max_examples=100, deadline=None, database=None, derandomize=True)
        @given(strategies.plans())
        def look(plan):
            kinds.update(step.verb for step in plan)

        look()
        self.assertLessEqual({*strategies.FAULTS, "functions", "calls", "workers"}, kinds)

    def test_a_clock_goes_back_only_where_disks_remember(self):
        seen = set()

        @settings(max_examples=60, deadline=None, database=None, derandomize=True)
        @given(strategies.plans(kinds=["wall-clock", "disk", "crash"]))
        def look(plan):
            is_set_back = any(step.verb == "wall-clock" for step in plan)
            forgets = any("empty" in step.words or "lying" in step.words for step in plan)
            self.assertFalse(is_set_back and forgets, str(plan))
            seen.update((is_set_back, forgets, *(word for step in plan if step.verb == "disk" for word in step.words)))

        look()
        self.assertLessEqual({True, "full", "damaged", "lying"}, seen)


if __name__ == "__main__":
    unittest.main()
