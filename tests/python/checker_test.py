"""Checkers, functions and histories that are written in Python."""

import gc
import os
import pickle
import subprocess
import unittest
import weakref

import mpreg
from support import FolderCase


def busy(seed=5, **more):
    world = mpreg.World(seed, nodes=4, **more)
    world.offer("add")
    world.calls("add", rate=5, begin=2)
    return world


class Checkers(FolderCase):
    def test_a_checker_finds_what_is_staged(self):
        world = mpreg.World(7, nodes=4, artifacts=self.folder)
        world.partition("n1", "n2..n4", at=12, lasting=60)

        @world.checker
        def not_alone(world):
            for node in world.nodes:
                living = sum(member.state == "alive" for member in world.members(node.name).values())
                if node.is_serving and living < 2 and world.now > 10:
                    return f"{node.name} believes that everybody else is gone"

        report = world.run(60)
        self.assertFalse(report.passed)
        self.assertEqual(report.violations[0].check, "not_alone")
        self.assertIn("n1 believes", report.violations[0].detail)
        self.assertGreater(report.violations[0].at, 12)
        self.refuses(mpreg.ViolationError, "not_alone at ", report.check)
        self.assertTrue(mpreg.run_plan(report.plan).passed, "the plan itself demands nothing")
        self.assertFalse(mpreg.run_plan(report.plan, checkers=[not_alone]).passed)

    def test_what_only_a_checker_sees_is_shrunk_with_it(self):
        def crowded(world):
            down = sum(node.state == "down" for node in world.nodes)
            return f"{down} are down" if world.now > 3 and down > 1 else None

        world = mpreg.World(7, nodes=6, artifacts=self.folder, name="crowd")
        world.offer("add")
        world.calls("add", rate=5)
        for node in range(1, 7):
            world.crash(node, at=8 + 2 * node, lasting=3)
        world.slow("n2", at=9, lasting=4)
        world.checker(crowded)
        report = world.run(40)
        self.assertFalse(report.passed)
        small = mpreg.shrink(report.save(), checkers=[crowded], artifacts=self.folder, timeout=600)
        self.assertEqual([step.verb for step in small.plan], ["cluster", "crash", "run"], str(small.plan))
        self.assertLess(small.nodes, 6)
        self.assertEqual(small.violations[0].check, "crowded")
        self.assertFalse(mpreg.run_plan(small.plan, checkers=[crowded]).passed)
        again = mpreg.shrink(report.plan, timeout=0, artifacts=self.folder, prepare=lambda world: world.checker(crowded))
        self.assertEqual(len(again.plan), len(report.plan), "no time: the plan itself")
        self.refuses(ValueError, "plan: expected one that fails", mpreg.shrink, report.plan)
        self.refuses(ValueError, "plan: expected one with a violation of 'calls'", mpreg.shrink, report.plan,
                     checkers=[crowded], check="calls")
        self.refuses(ValueError, "timeout: ", mpreg.shrink, report.plan, timeout=-1)

    def test_the_command_says_who_can_shrink_it(self):
        world = mpreg.World(7, nodes=2, artifacts=self.folder)
        world.checker(lambda world: "no" if world.now > 2 else None, name="never")
        path = world.run(5).save()
        ran = subprocess.run([os.environ["MPREG"], "sim", "shrink", str(path)], capture_output=True, text=True)
        self.assertEqual(ran.returncode, 1)
        self.assertIn("'never'", ran.stderr)
        self.assertIn("mpreg.shrink(", ran.stderr)

    def test_looking_moves_nothing(self):
        calls = {"quiet": 0, "turn": 0, "end": 0}
        world = busy()
        for when in calls:
            def look(world, node=None, when=when):
                calls[when] += 1
                world.tables(node or "n1")
                if when != "end":
                    world.members(node or 1)
            world.checker(look, name=f"look_{when}", when=when)
        report = world.run(10)
        self.assertEqual(report.trace_hash, busy().run(10).trace_hash)
        self.assertEqual((calls["quiet"], calls["end"]), (12, 1))
        self.assertGreater(calls["turn"], report.turns / 3)

    def test_what_checkers_say(self):
        world = busy()
        world.checker(lambda world: ["first", "second"] if world.now == 3 else None, name="several")

        @world.checker(when="end")
        def at_the_end(world):
            assert world.now < 5, "it lasted too long"

        @world.checker(when="turn")
        def each(world, node):
            return "n2 acts" if node == "n2" and 1 < world.now < 1.01 else ()

        report = world.run(6)
        said = [(violation.check, violation.detail, violation.node) for violation in report.violations]
        self.assertIn(("several", "first", None), said)
        self.assertIn(("several", "second", None), said)
        self.assertEqual(said[-1], ("at_the_end", "it lasted too long", None))

    def test_an_error_in_a_checker_ends_the_run_and_comes_out(self):
        world = busy(artifacts=self.folder)
        world.checker(lambda world: {}["missing"] if world.now >= 3 else None, name="broken")
        with self.assertRaises(KeyError) as raised:
            world.run_for(10)
        self.assertEqual(raised.exception.seed, 5)
        self.assertEqual(mpreg.read_artifact(raised.exception.plan_path).seed, 5)
        world = busy(artifacts=self.folder)
        world.checker(lambda world: 5, name="number")
        self.refuses(TypeError, "checker 'number': expected None, a text or a list of texts", world.run_for, 2)

    def test_a_checker_looks_and_does_not_act(self):
        world = busy(artifacts=self.folder)
        world.checker(lambda world: world.crash("n1"), name="meddler")
        self.refuses(RuntimeError, "the world runs: what is called meanwhile may look, not act", world.run_for, 2)

    def test_worlds_with_checkers_are_released(self):
        def held(run):
            world = busy()
            world.checker(lambda inner: world.violations or None, name="holds_it")
            world.checker(lambda inner, node: world.now and None, name="holds_it_too", when="turn")
            world.function("score", lambda call: world.seed)
            world.calls("score")
            run(world)
            return weakref.ref(world)

        for run in (lambda world: world.run(2), lambda world: world.run_until(mpreg.converged), lambda world: None):
            gone = held(run)
            gc.collect()
            self.assertIsNone(gone())

    def test_an_assertion_that_cannot_be_said_comes_out(self):
        class Mute:
            def __str__(self):
                raise LookupError("no words")

        called = []

        def speechless(world):
            called.append(world.now)
            raise AssertionError(Mute())

        world = busy(artifacts=self.folder)
        world.checker(speechless)
        self.refuses(LookupError, "no words", world.run_for, 2)
        self.assertEqual(len(called), 1, "as after any other error")


class Functions(FolderCase):
    def test_a_function_in_python_serves_calls(self):
        served = []

        def score(call):
            served.append(call)
            return call.left * 2 + call.right

        def run(handler):
            world = mpreg.World(3, nodes=4, history=True)
            world.function("score", handler)
            world.offer("score", on="n1..n2")
            world.workers(1, "score", at="n3")
            world.calls("score", rate=10, begin=3, end=8)
            world.expect_calls(answered=1, least=40)
            return world, world.run(12).check()

        world, report = run(score)
        self.assertEqual({call.node for call in served}, {"n1", "n2", "w1"})
        self.assertEqual(report.calls["executions"], len(served))
        first = world.history.operations[0]
        self.assertEqual((first.function, first.result), ("score", first.argument[0] * 2 + first.argument[1]))
        again = mpreg.run_plan(report.plan, functions={"score": score})
        self.assertEqual(again.trace_hash, report.trace_hash)
        self.assertNotEqual(run(lambda call: 5)[1].trace_hash, report.trace_hash)
        self.refuses(ValueError, "plan: script:3:27: expected add, mul, echo2, sleep or fail", mpreg.run_plan, report.plan)

    def test_what_a_function_raises_is_the_answer(self):
        world = mpreg.World(3, nodes=3, history=True)

        @world.function("refuse")
        def refuse(call):
            raise ValueError("not today")

        world.offer("refuse")
        world.calls("refuse", begin=3)
        report = world.run(8).check()
        self.assertGreater(report.calls["answered"], 3)
        self.assertEqual({operation.error for operation in world.history.operations if operation.ending == "ok"},
                         {"handler_failed"})

    def test_an_interrupt_in_a_function_comes_out(self):
        for kind in (KeyboardInterrupt, SystemExit):
            served = []

            def stop(call):
                served.append(call)
                raise kind

            world = mpreg.World(3, nodes=3)
            world.function("stop", stop)
            world.offer("stop")
            world.calls("stop", rate=10, begin=2)
            with self.assertRaises(kind):
                world.run_for(8)
            self.assertTrue(world.is_over)
            self.assertEqual(len(served), 1, "nobody is called once the run is being given up")

    def test_a_failure_with_functions_says_how_to_run_it_again(self):
        world = mpreg.World(3, nodes=3, artifacts=self.folder)
        world.function("score", lambda call: 5)
        world.offer("score")
        world.expect_calls(least=1)
        with self.assertRaises(mpreg.ViolationError) as raised:
            world.run(5).check()
        error = raised.exception
        self.assertIsNone(error.replay)
        self.assertIn(f"run again: mpreg.run_plan({error.plan_path!r}, functions={{'score': ...}})", str(error))
        self.assertEqual(str(pickle.loads(pickle.dumps(error))), str(error))

    def test_names_of_functions_are_checked(self):
        world = mpreg.World(3)
        self.refuses(ValueError, "name: expected a name of your own without a dot, found 'add'", world.function, "add", print)
        self.refuses(ValueError, "name: expected a name of your own without a dot, found 'a.b'", world.function, "a.b", print)
        plan = mpreg.Plan("cluster nodes=3")
        self.refuses(TypeError, "functions: expected a function of a call, found 5", mpreg.run_plan, plan, functions={"score": 5})
        self.refuses(ValueError, "functions: expected a name of your own", mpreg.run_plan, plan, functions={"add": print})
        self.refuses(ValueError, "functions: expected a name of your own", mpreg.run_plan, plan, functions={"a.b": print})
        self.refuses(TypeError, "functions: expected a text", mpreg.run_plan, plan, functions={5: print})
        self.refuses(TypeError, "handler: expected a function", world.function, "score", 5)
        self.refuses(ValueError, "function: expected a function that begins with", world.calls, "score")
        world.function("score", str)
        world.calls("score.n2")


class Histories(FolderCase):
    def history(self, read):
        history = mpreg.History()
        history.invoke(1, "write", 1, key="x", at=0)
        history.end(1, "ok", at=1)
        history.invoke(2, "write", 2, key="x", at=2)
        history.end(2, "ok", at=3)
        history.invoke(1, "read", key="x", at=4)
        history.end(1, "ok", read, at=5)
        return history

    def test_a_stale_read_is_a_contradiction(self):
        self.assertTrue(mpreg.judge(self.history(2)).is_linearizable)
        found = mpreg.judge(self.history(1))
        self.assertEqual((found.verdict, found.key), ("contradiction", "x"))
        self.assertLessEqual(len(found.window), 3)
        self.assertIn("read", {operation.function for operation in found.window})

    def test_histories_are_read_as_they_are_written(self):
        history = self.history(1)
        text = history.json_lines()
        self.assertEqual(mpreg.History.parse(text).json_lines(), text)
        self.assertTrue(history.edn().startswith("{:index 0, :process 1, :type :invoke"))
        self.refuses(ValueError, "text: line 1: ", mpreg.History.parse, "{}")
        self.refuses(ValueError, "process: expected one with an open operation", history.end, 9, "ok")
        self.refuses(ValueError, "model: expected register or counter", mpreg.judge, history, "stack")
        self.refuses(ValueError, "configurations: expected a number from 0", mpreg.judge, history, configurations=-1)
        self.refuses(TypeError, "value: expected None, a whole number or several", history.invoke, 9, "write", "x")
        self.refuses(TypeError, "value: expected None, a whole number or several", history.invoke, 9, "write", (1, 2.5))
        self.refuses(ValueError, "value: expected numbers of 64 bits", history.invoke, 9, "write", 2**63)
        self.refuses(ValueError, "process: expected a number from 0", history.invoke, -1, "write", 1)
        self.refuses(TypeError, "key: expected a text", history.invoke, 9, "write", 1, key=5)
        self.refuses(ValueError, "text: line 1: value: ", mpreg.History.parse,
                     '{"process": 1, "time": 0, "type": "invoke", "f": "write", "value": "x"}')

    def test_a_world_records_what_its_clients_saw(self):
        world = busy(history=True)
        world.run(6)
        operation = world.history.operations[0]
        self.assertEqual((operation.function, operation.ending), ("add", "ok"))
        self.assertEqual(operation.result, sum(operation.argument))
        world = busy(history=True)
        world.run_for(4)
        before = world.history
        length = len(before)
        world.run_for(4)
        self.assertEqual((len(before), len(world.history) > length), (length, True), "it is a copy")
        self.refuses(ValueError, "history: expected World(history=True)", lambda: busy().history)


if __name__ == "__main__":
    unittest.main()
