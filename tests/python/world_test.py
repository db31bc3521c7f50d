"""Worlds: what a script does is the run of the plan that it writes, and what it sees is plain."""

import os
import subprocess
import threading
import unittest

import mpreg
from mpreg import units
from support import FolderCase


def small(seed=3, **more):
    world = mpreg.World(seed, nodes=5, **more)
    world.link(latency=(0.001, 0.009), loss=0.01)
    world.offer("add")
    world.calls("add", rate=5, begin=2)
    return world


class PlanOfARun(FolderCase):
    def test_the_plan_of_a_script_is_the_same_run(self):
        world = small(artifacts=self.folder)
        took = world.run_until(mpreg.converged, timeout=20)
        world.partition("n1", ["n2..n4", 5], lasting=8)
        world.run_for(12.345)
        for _ in range(2):
            world.crash("n3", lasting=1)
            world.run_for(4)
        world.expect_converged(within=20)
        world.drift("all", 0.01, drawn=True)
        world.calls("add", rate=0.5)
        report = world.run(40)
        self.assertEqual(world.now, 40)
        self.assertTrue(report.check().passed)
        self.assertEqual(report.plan.steps[4].text, f"at {units.span(took, 'took')} partition n1 | n2..n4,n5 for=8s")
        again = mpreg.run_plan(report.plan)
        self.assertEqual((again.trace_hash, again.turns), (report.trace_hash, report.turns))
        self.assertEqual(again.plan, report.plan)
        self.assertNotEqual(mpreg.run_plan(report.plan, seed=4).trace_hash, report.trace_hash)

    def test_every_verb_writes_a_step_that_the_plan_understands(self):
        world = mpreg.World(1, nodes=9, topology="random", degree=4, start=2, clocks="1m", service=(0.001, 0.002))
        world.options(membership__probe_interval="2s")
        world.budget(down=3, cut=2)
        world.buggify(armed=0.25, fires="10%", points=["push_skipped", "call_refused"])
        world.watch(0.5)
        world.link("n1..n2", "n3", latency=0.08, jitter="1ms", shape="lognormal", tail=0.001, tail_delay=0.2,
                   duplicate=0.01, corrupt=0.001, reset=0.0001, bandwidth="10MB", queue=4_000_000, break_after=10,
                   dial_timeout=3)
        world.workers(3, ["mul", "echo2"], at="n1..n3", own=True)
        world.offer("echo2", on=[1, 2], version="1.2.0", own=True)
        world.calls("echo2", rate="30/m", callers="n4", by_workers=True, idempotent=False, begin=3, end=9)
        world.hostile(rate=5, begin=4, end=6, targets="n1")
        world.liar(9, lies=["accused", "invented"], begin=4, end=5)
        world.key(8)
        world.churn(begin=10, end=20, every=4, down=(1, 3), silent=0.5, empty=0.1, among="n4..n7")
        world.churn_workers(begin=10, end=20)
        world.one_way("n1", "n2", at=5, lasting=2)
        world.clog(3, at=6)
        world.slow("n3,w2", delay=0.05, at=6, lasting=2)
        world.reset(4, to=[5, 6], at=7)
        world.heal(at=9)
        world.crash({4, 5}, at=10, lasting=1, silent=True, empty=True)
        world.start(4, at=11)
        world.leave(6, at=12, lasting=2, reason="maintenance")
        world.pause(7, at=13, every=2, until=17)
        world.jump(2, by=2, at=14)
        world.wall_clock(3, back="1h", at=14)
        world.disk(2, slow=0.5, failure=0.01, at=15)
        world.disk(3, lying=True, at=16)
        world.crash_workers("w1..w2", at=15, lasting=2, silent=True)
        world.start_workers("w3", at=18)
        world.liveness(at=21, core=5)
        world.expect_converged(at=21, within=30, holds=1, visible=True)
        world.expect_apart(at=10)
        world.expect_calls(answered=0.5, least=1, idempotent=False)
        world.expect_no_eviction(of="n1", by="n2", at=20)
        world.expect_refused(8)
        world.expect_gone(6, within=5, known_as="left", at=12)
        world.expect_out(2, at=15)
        world.expect_workers_gone(within=5, silent=15)
        world.expect_faults("crash", "one_way_drop")
        self.assertEqual(len(world.plan.check()), 39)

    def test_an_artifact_replays_by_the_command(self):
        world = small(artifacts=self.folder)
        world.run_for(5)
        world.violate("as told", check="mine", node="n2")
        with self.assertRaises(mpreg.ViolationError) as raised:
            world.finish().check()
        error = raised.exception
        self.assertEqual((error.seed, error.plan_path), (3, str(self.folder / f"script-3-{world.report().trace_hash[:8]}.scn")))
        self.assertIn("mine at 5.000 s at n2: as told", str(error))
        artifact = mpreg.read_artifact(error.plan_path)
        self.assertEqual(artifact.violation, ("mine", 5.0, "n2", "as told"))
        self.assertEqual(artifact.trace_hash, mpreg.run_plan(artifact.plan).trace_hash)
        self.assertEqual(artifact.build, mpreg.build_id())
        replay = subprocess.run([os.environ["MPREG"], *error.replay.split()[1:]], capture_output=True, text=True)
        self.assertEqual(replay.returncode, 0, replay.stdout + replay.stderr)
        self.assertIn("the same run as recorded", replay.stdout)


    def test_a_world_that_goes_on_has_the_plan_of_what_happened(self):
        world = small()
        world.crash("all", at=7, lasting=1)  # at the very moment at which it stands
        for moment in (5, 7, 8.1):
            world.run_to(moment)
            report = world.report()
            again = mpreg.run_plan(report.plan)
            self.assertEqual((again.trace_hash, again.turns), (report.trace_hash, report.turns))
            self.assertEqual(mpreg.run_plan(world.plan).trace_hash, report.trace_hash)

    def test_worlds_of_one_name_and_seed_leave_an_artifact_each(self):
        paths = set()
        for crashed in ("n1", "n2"):
            world = small(artifacts=self.folder)
            world.crash(crashed, at=3)
            world.run_for(5)
            world.violate("as told")
            with self.assertRaises(mpreg.ViolationError) as raised:
                world.finish().check()
            self.assertIn(f"crash {crashed}", str(mpreg.read_artifact(raised.exception.plan_path).plan))
            paths.add(raised.exception.plan_path)
        self.assertEqual({str(path) for path in self.folder.iterdir()}, paths, "two, and nothing half written")
        self.assertEqual(len(paths), 2)


class Running(FolderCase):
    def test_other_threads_go_on_while_it_runs_and_must_not_touch_it(self):
        world = mpreg.World(1, nodes=40, history=True)
        world.calls("add", rate=50, begin=1)
        refused, steps = [], [0]

        def other():
            while not refused:
                steps[0] += 1
                try:
                    world.history
                except RuntimeError as error:
                    if "begun" not in str(error):
                        refused.append(str(error))

        thread = threading.Thread(target=other)
        thread.start()
        while not refused:
            world.run_for(1)
        thread.join()
        self.assertEqual(refused, ["the world runs in another thread"])
        self.assertGreater(steps[0], 0)

    def test_until_gives_up_with_a_plan_that_replays(self):
        world = small(artifacts=self.folder)
        world.partition("n1", "n2..n5")
        with self.assertRaises(mpreg.NotReached) as raised:
            world.run_until(lambda world: world.now > 5 and mpreg.converged(world), timeout=8)
        self.assertIsInstance(raised.exception, TimeoutError)
        self.assertIn("was not reached within 8 s (seed 3)", str(raised.exception))
        artifact = mpreg.read_artifact(raised.exception.plan_path)
        self.assertEqual(mpreg.run_plan(artifact.plan).trace_hash, artifact.trace_hash)
        self.assertTrue(world.is_over)

    def test_an_error_of_the_script_says_how_to_see_the_run_again(self):
        world = small(artifacts=self.folder)
        with self.assertRaises(ZeroDivisionError) as raised:
            world.run_until(lambda world: 1 / (world.now < 3) > 2)
        self.assertEqual(raised.exception.seed, 3)
        self.assertIn("replay: mpreg sim replay ", raised.exception.__notes__[0])
        self.assertTrue(os.path.exists(raised.exception.plan_path))

    def test_until_says_how_long_it_took(self):
        world = small()
        took = world.run_until(mpreg.converged, timeout=20)
        self.assertEqual(took, world.now)
        self.assertTrue(0 < took < 20)
        self.assertEqual(world.run_until(mpreg.converged), 0)
        world.run_for("250ms")
        self.assertAlmostEqual(world.now, took + 0.25)


class Looking(FolderCase):
    def test_what_nodes_know_is_plain(self):
        world = small(history=True)
        world.workers(1, "mul", at="n2", own=True)
        world.run_for(8)
        self.assertEqual([node.name for node in world.nodes], world.node_names)
        node = world.node("n2")
        self.assertEqual((node.state, node.is_serving, node.life), ("running", True, 1))
        self.assertEqual(world.members(1)["n2"], mpreg.Member("alive", node.incarnation))
        names = {(record.owner, record.name) for record in world.catalog("n5")}
        self.assertLessEqual({("n4", "add"), ("n2", "mul"), ("n2", "mul.w1")}, names)
        self.assertIn("add", {record.name for record in world.catalog("n1", offered=True)})
        self.assertEqual(world.links("n2"), ["n1", "n3", "n4", "n5", "w1"])
        self.assertEqual(world.workers_state[0].state, "running")
        self.assertGreater(sum(world.tables("n1").values()), 5)
        self.assertEqual(world.pending("n1"), [])
        counters = world.counters()
        self.assertGreater(counters["calls"]["answered"], 10)
        self.assertGreater(counters["messages"], 100)
        self.assertEqual(world.faults()["crash"], 0)
        self.assertGreater(world.coverage()["member.new-alive"], 10)
        self.assertIsNone(world.difference())
        self.assertEqual(world.violations, [])
        world.crash("n2")
        world.run_for(1)
        self.assertEqual(world.members("n2"), {})
        self.assertEqual(world.node(2).state, "down")
        self.assertGreater(len(world.history), 10)

    def test_a_stranger_is_no_worker(self):
        world = mpreg.World(3, nodes=3)
        world.workers(1, "mul", at="n2")
        world.hostile(rate=20, begin=3, end=8, targets="n1")
        world.run_for(3)
        seen = set()
        for _ in range(40):
            world.run_for(0.1)
            seen.update(world.links("n1"))
        self.assertIn("stranger1", seen)
        self.assertNotIn("w2", seen)

    def test_events_come_in_order_and_the_callback_may_act(self):
        events = []

        def react(event):
            events.append(event)
            if event.kind == "process" and event.detail == {"state": "down", "life": 1}:
                world.start(event.node, at=world.now + 1)

        world = small(artifacts=self.folder)
        world.subscribe(react)
        world.subscribe(lambda event: self.assertEqual(event.kind, "fault"), "fault")
        world.crash("n3", at=6)
        report = world.run(20)
        kinds = [(event.kind, event.node, event.detail) for event in events if event.at > 5]
        self.assertIn(("process", "n3", {"state": "running", "life": 2}), kinds)
        self.assertIn(("fault", None, {"fault": "restart", "times": 1}), kinds)
        changes = [event for event in events if event.kind == "member" and event.detail["member"] == "n3"]
        self.assertIn("alive", {event.detail["now"] for event in changes if event.at > 7})
        self.assertEqual([event.at for event in events], sorted(event.at for event in events))
        self.assertIn("at 7100ms start n3", str(report.plan))
        self.assertEqual(mpreg.run_plan(report.plan).trace_hash, report.trace_hash)

    def test_nothing_is_global(self):
        worlds = [small(seed) for seed in (1, 2, 1)]
        for _ in range(4):
            for world in worlds:
                world.run_for(2)
        hashes = [world.finish().trace_hash for world in worlds]
        self.assertEqual(hashes[0], hashes[2])
        self.assertNotEqual(hashes[0], hashes[1])


class Arguments(FolderCase):
    def test_a_set_of_nodes_may_be_mixed_and_is_put_in_order(self):
        world = mpreg.World(1, nodes=12)
        world.crash({10, "n9", 2}, at=1)
        self.assertEqual(world.plan.steps[1].text, "at 1s crash n2,n9,n10")

    def test_what_is_wrong_names_its_argument(self):
        world = small()
        self.refuses(ValueError, "nodes: expected nodes up to n5, found 'n9'", world.crash, "n9")
        self.refuses(ValueError, "lasting: expected seconds or a time such as '250ms', found 'soon'", world.crash, 1,
                     lasting="soon")
        self.refuses(TypeError, "lasting: expected seconds", world.crash, 1, lasting=[1])
        self.refuses(TypeError, "silent: expected True or False", world.crash, 1, silent="yes")
        self.refuses(ValueError, "loss: expected a fraction from 0 to 1, found 5", world.link, loss=5)
        self.refuses(ValueError, "shape: expected one of uniform", world.link, shape="round")
        self.refuses(ValueError, "latency: expected a duration or a span", world.link, latency=(3, 1))
        self.refuses(ValueError, "groups: expected at least two, found 1", world.partition, "n1")
        self.refuses(ValueError, "groups: expected nodes such as", world.partition, "n1", "x2")
        self.refuses(ValueError, "rate: expected a whole number", world.calls, rate=0.3333)
        self.refuses(ValueError, "function: expected a function that begins with", world.calls, "shout")
        self.refuses(ValueError, "core: expected a number from 1 to 5, found '9'", world.liveness, core=9)
        self.refuses(ValueError, "topology: expected one of mesh", mpreg.World, topology="heap")
        self.refuses(ValueError, "nodes: expected a number from 1 to 10000", mpreg.World, nodes=0)
        self.refuses(TypeError, "nodes: expected a whole number", mpreg.World, nodes="many")
        self.refuses(TypeError, "seed: expected a whole number", mpreg.World, "7")
        self.refuses(ValueError, "text: 1:1: expected a verb", world.step, "jumble")
        self.refuses(TypeError, "predicate: expected a function", world.run_until, 5)
        self.refuses(ValueError, "when: expected quiet, turn or end", world.checker, print, when="never")
        self.refuses(ValueError, "kinds: expected some of member", world.subscribe, print, ["news"])
        self.refuses(ValueError, "rate: expected a whole number", world.calls, rate=float("inf"))
        self.refuses(ValueError, "rate: expected a whole number", world.calls, rate=float("nan"))
        self.refuses(ValueError, "share: expected a number such as", world.drift, 1, float("nan"))
        self.refuses(ValueError, "loss: expected 0 or at least 0.000001, found 1e-07", world.link, loss=1e-7)
        self.refuses(TypeError, "detail: expected a text, found 5", world.violate, 5)
        self.refuses(ValueError, "least: expected a number from 0", world.expect_calls, least=-1)
        self.refuses(ValueError, "seed: expected a number from 0 below", mpreg.swarm_plan, -1)
        self.refuses(ValueError, "nodes: expected the least and the most", mpreg.swarm_plan, 1, (3,))
        self.refuses(ValueError, "nodes: expected 1 <= least <= most", mpreg.swarm_plan, 1, (3, 2**40))
        self.refuses(ValueError, "seed: expected a number from 0 below", mpreg.Plan().with_seed, -1)
        self.refuses(RuntimeError, "the world has not begun", world.node, 1)
        world.run_for(3)
        self.refuses(ValueError, "at: expected nothing before 3s", world.crash, 1, at=2)
        self.refuses(ValueError, "node: expected n1 to n5, found n7", world.node, 7)
        self.refuses(ValueError, "step: expected a step that can be added", world.link, latency=1)
        self.refuses(RuntimeError, "checkers are brought along before", world.checker, print)


if __name__ == "__main__":
    unittest.main()
