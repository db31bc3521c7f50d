"""Three real nodes are recorded while one of them is killed and comes back: the recordings, turn by turn, as a plan, and in
the formats of other tools, read by the parsers that read those of the simulator."""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest

import exports_test
import lab


# A variable that begins with MPREG_ and is no setting is a mistake.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("MPREG_")}


class Process:
    """A process whose ready line is read."""

    def __init__(self, *words):
        self._process = subprocess.Popen([lab.MPREG, *map(str, words), "--json"], env=ENVIRONMENT, stdout=subprocess.PIPE,
                                         stderr=subprocess.DEVNULL)
        self.ready = json.loads(self._process.stdout.readline())

    def end(self, signal_number=signal.SIGTERM):
        if self._process.returncode is None:
            self._process.send_signal(signal_number)
            self._process.wait(timeout=60)
            self._process.stdout.close()


def mpreg(*words, code=0):
    done = subprocess.run([lab.MPREG, *map(str, words)], env=ENVIRONMENT, capture_output=True, check=False, timeout=120)
    if done.returncode != code:
        raise AssertionError(f"{words}: exit {done.returncode}, expected {code}: {done.stderr.decode()}")
    return done.stdout.decode()


class RecordedCluster(unittest.TestCase):
    """Recorded once; the tests only read."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="mpreg_recordings_")
        cls.addClassCleanup(folder.cleanup)
        cls.nodes = []
        cls.root = pathlib.Path(folder.name)
        alpha = cls.node("alpha")
        address = alpha.ready["addresses"][0]
        beta = cls.node("beta", "--join", address)
        gamma = cls.node("gamma", "--join", address, "--set", "gossip.period=900ms")
        worker = cls.process("worker", "--node", beta.ready["addresses"][0], "-f", "add")
        cls.await_function(address)
        cls.calls = 15
        for count in range(cls.calls):
            mpreg("call", "add", f"[1, {count}]", "--node", address, "--idempotent")
        cls.killed = cls.during(lambda: gamma.end(signal.SIGKILL))
        for node in (alpha, beta):   # each hears of the end, and not only of the next life
            cls.await_members(node.ready["addresses"][0], 2)
        cls.returned = cls.during(lambda: cls.node("gamma", "--listen", gamma.ready["addresses"][0], "--join", address,
                                                   "--set", "gossip.period=900ms"))
        cls.await_members(address, 3)
        worker.end()
        for node in cls.nodes:
            node.end()
        cls.directories = [cls.root / name for name in ("alpha", "beta", "gamma")]
        # The time of the plan begins with alpha's first turn.
        started = json.loads(mpreg("replay", cls.directories[0], "--turns", "1", "--json"))["input"]
        cls.zero = int(re.search(r"incarnation=(\d+)", started)[1]) / 1e6

    @classmethod
    def process(cls, *words):
        process = Process(*words)
        cls.addClassCleanup(process.end)
        return process

    @classmethod
    def node(cls, name, *words):
        cls.nodes.append(cls.process("node", "--name", name, "--record", cls.root / name, *words))
        return cls.nodes[-1]

    @staticmethod
    def during(act):
        """The wall time before and after something."""
        before = time.time()
        act()
        return before, time.time()

    def assert_within_a_second(self, moment, span):
        self.assertGreater(moment, span[0] - self.zero - 1)
        self.assertLess(moment, span[1] - self.zero + 1)

    @classmethod
    def await_members(cls, address, count):
        while sum(peer["state"] == "alive" for peer in json.loads(mpreg("peers", "--json", "--node", address))) != count:
            pass

    @classmethod
    def await_function(cls, address):
        while '"add"' not in mpreg("catalog", "--json", "--node", address):
            pass

    def test_turns_are_shown_in_words_and_as_documents(self):
        text = mpreg("replay", self.root / "gamma", "--life", "1", "--turns", "1..5")
        self.assertTrue(text.startswith("#1 +0."), text)
        self.assertEqual(len(re.findall(r"^#\d+ ", text, re.MULTILINE)), 5)
        turns = [json.loads(line) for line in
                 mpreg("replay", self.root / "alpha", "--grep", "rpc.call", "--json").splitlines()]
        self.assertGreaterEqual(len(turns), self.calls)
        self.assertEqual({"turn", "at_seconds", "input", "events", "effects"}, turns[0].keys())

    def test_what_a_node_knew_when_another_one_was_gone(self):
        changes = [json.loads(line) for line in
                   mpreg("replay", self.root / "beta", "--grep", "member_changed", "--json").splitlines()]
        def states(turn):
            state = json.loads(mpreg("replay", "until", self.root / "beta", "--turn", turn))
            self.assertEqual(state["turns"], turn)
            return sorted(member["state"] for member in state["members"])
        turn = next(change["turn"] for change in changes if "alive->" in str(change["events"]))
        self.assertEqual(states(turn - 1), ["alive", "alive", "alive"])
        self.assertEqual(states(turn).count("alive"), 2)

    def test_the_plan_has_the_nodes_the_crash_and_the_return_and_runs(self):
        path = self.root / "last_night.scn"
        self.assertEqual(mpreg("replay", "plan", *self.directories, "-o", path).strip(), str(path))
        text = path.read_text()
        self.assertIn("\ncluster nodes=3 topology=star ", text)
        self.assertEqual(re.findall(r"# {3}(n\d) is (\w+)", text), [("n1", "alpha"), ("n2", "beta"), ("n3", "gamma")])
        def seconds_of(step):
            """The moments of a step; a whole second is written as one."""
            found = re.findall(rf"^at (\d+)(ms|s) {step}$", text, re.MULTILINE)
            return [int(number) / (1000 if unit == "ms" else 1) for number, unit in found]
        crash = seconds_of("crash n3")
        starts = seconds_of("start n3")
        self.assertEqual((len(crash), len(starts)), (1, 2), text)
        self.assert_within_a_second(crash[0], self.killed)
        self.assert_within_a_second(starts[1], self.returned)
        self.assertIn("functions add on=n2", text)
        self.assertIn(f"calls by clients: {self.calls},", text)
        self.assertIn("gossip.period: nodes or lives differ", text)
        self.assertIn(", by messages within ", text)
        self.assertIn(" expect converged ", text)
        run = json.loads(mpreg("sim", "run", path, "--json"))
        self.assertEqual(run["nodes"], 3)
        self.assertEqual(run["violations"], [])

    def export(self, form, *words):
        path = self.root / f"export.{form}"
        mpreg("replay", "export", *self.directories, "-f", form, "-o", path, *words)
        return path

    def test_perfetto_shows_states_and_messages_of_all_nodes(self):
        events = json.loads(self.export("perfetto").read_text())["traceEvents"]
        names = [event["args"]["name"] for event in events if event["name"] == "process_name"]
        self.assertEqual(names[:4], ["the world", "alpha", "beta", "gamma"])
        self.assertIn("mpreg-worker", names)
        for slices in lab.tracks_of(events).values():
            self.assertTrue(lab.is_nested(slices))
        states = [event["name"] for event in events if event["ph"] == "X" and (event["pid"], event["tid"]) == (3, 1)]
        self.assertEqual(states, ["up", "down", "up", "down"])
        flows = {phase: {event["id"]: event["ts"] for event in events if event["ph"] == phase} for phase in "sf"}
        self.assertEqual(flows["s"].keys(), flows["f"].keys())
        self.assertTrue(all(at <= flows["f"][number] for number, at in flows["s"].items()))

    def test_shiviz_has_consistent_clocks_over_all_nodes(self):
        log = exports_test.ShiViz.parse(self.export("shiviz").read_text())
        exports_test.ShiViz.check(self, log)
        self.assertLessEqual({"alpha", "beta", "gamma"}, {host for host, _, _ in log})
        calls = [event for _, _, event in log if "takes rpc.call alpha->beta" in event]
        self.assertEqual(len(calls), self.calls)
        self.assertTrue(any(len(clock) > 3 for _, clock, _ in log), "what one node knew reached the others")

    def test_pcapng_is_read_by_tshark(self):
        path = self.export("pcapng")
        rows = subprocess.run(["tshark", "-n", "-d", "tcp.port==7000,data", "-o", "tcp.check_checksum:TRUE", "-r", path, "-T",
                               "fields", "-e", "tcp.checksum.status", "-e", "_ws.malformed", "-e", "tcp.payload"],
                              capture_output=True, check=True).stdout.decode().splitlines()
        payloads = [row.split("\t")[2] for row in rows]
        self.assertEqual({tuple(row.split("\t")[:2]) for row in rows}, {("1", "")})
        frames = [payload.startswith(b"MPRG".hex()) for payload in payloads if payload]
        self.assertTrue(frames and all(frames))

    def test_graphviz_draws_who_was_linked_while_one_was_gone(self):
        middle = (self.killed[1] + self.returned[0]) / 2 - self.zero
        graph = self.export("graphviz", "--at", f"{middle:.3f}s").read_text()
        links = re.findall(r'^  "(\S+)" -> "(\S+)"', graph, re.MULTILINE)
        self.assertIn({"alpha", "beta"}, [set(link) for link in links])
        self.assertNotIn("gamma", str(links))
        self.assertRegex(graph, r'"gamma" \[[^]]*dashed')
        subprocess.run(["dot", "-Tplain"], input=graph.encode(), capture_output=True, check=True)

    def test_what_is_no_recording_is_named(self):
        nowhere = self.root / "nowhere"
        for words in (["export", nowhere, "-f", "shiviz"], ["export", self.directories[0], "-f", "song"], ["plan", nowhere], ["plan", self.directories[0], self.directories[0]], [nowhere, "--turns", "1"]):
            self.assertEqual(mpreg("replay", *words, code=2), "")


if __name__ == "__main__":
    unittest.main()
