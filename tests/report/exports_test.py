"""Exports are read by parsers that know their rules: JSON and the nesting of slices, vector clocks, capinfos and tshark,
dot."""

import collections
import json
import re
import subprocess
import unittest

import lab


class ExportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = lab.Lab().__enter__()
        cls.addClassCleanup(cls.lab.__exit__)

    def filter(self, *command, data=None):
        done = subprocess.run([str(part) for part in command], input=data, capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout.decode()


class Verb(ExportTest):
    def test_writes_beside_the_plan_and_says_where(self):
        plan = self.lab.plan("cluster nodes=2\nrun for=3s\n", "small")
        for form, ending in (("perfetto", ".perfetto.json"), ("shiviz", ".shiviz.log"), ("pcapng", ".pcapng"),
                             ("graphviz", ".dot")):
            out, _ = self.lab.sim("export", plan, "-f", form)
            self.assertEqual(out.decode().strip(), str(plan.with_suffix("")) + ending)
            self.assertGreater(plan.with_suffix(ending).stat().st_size, 0)

    def test_the_same_run_gives_the_same_bytes(self):
        for form in ("perfetto", "shiviz", "pcapng", "graphviz"):
            self.assertEqual(self.lab.export(form), self.lab.export(form), form)

    def test_wrong_use_says_what_was_expected(self):
        plan = self.lab.plan()
        for arguments, expected in ((("-f", "svg"), "expected perfetto, shiviz, pcapng or graphviz, found 'svg'"),
                                    (("-f", "graphviz", "--at", "soon"), "--at: "),
                                    (("-f", "graphviz", "--at", "41s"), "expected a moment until 40s"),
                                    (("-f", "shiviz", "--messages", "1"), "--messages: expected 4 or more")):
            _, err = self.lab.sim("export", plan, *arguments, code=2)
            self.assertIn(expected, err)
        _, err = self.lab.sim("export", self.lab.root / "absent.scn", "-f", "shiviz", code=2)
        self.assertIn("cannot read", err)

    def test_says_how_much_was_left_out(self):
        _, err = self.lab.sim("export", self.lab.plan(), "-f", "shiviz", "-o", "-", "--messages", "50")
        self.assertRegex(err, r"\d+ of \d+ messages are left out")


class Perfetto(ExportTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.events = json.loads(cls.lab.export("perfetto"))["traceEvents"]

    def by(self, phase):
        return [event for event in self.events if event["ph"] == phase]

    def test_every_event_has_its_fields_and_lies_within_the_run(self):
        for event in self.events:
            self.assertLessEqual({"ph", "pid", "tid", "ts", "name"}, event.keys())
            self.assertGreaterEqual(event["ts"], 0)
            self.assertLessEqual(event["ts"] + event.get("dur", 0), 40e6)

    def test_every_process_has_a_name(self):
        names = {event["pid"]: event["args"]["name"] for event in self.by("M") if event["name"] == "process_name"}
        self.assertEqual(names, dict(enumerate(["the world", "n1", "n2", "n3", "n4", "n5", "n6", "w1"])))
        self.assertLessEqual({event["pid"] for event in self.events}, names.keys())

    def test_slices_of_a_track_nest(self):
        tracks = lab.tracks_of(self.events)
        self.assertGreater(len(tracks), 12)
        for slices in tracks.values():
            self.assertTrue(lab.is_nested(slices))

    def test_every_flow_begins_once_and_ends_once_later(self):
        begins = {event["id"]: event for event in self.by("s")}
        ends = {event["id"]: event for event in self.by("f")}
        self.assertEqual((len(begins), len(ends)), (len(self.by("s")), len(self.by("f"))))
        self.assertEqual(begins.keys(), ends.keys())
        self.assertGreater(len(begins), 500)
        slices = {(event["pid"], event["tid"], event["ts"]) for event in self.by("X")}
        for number, begin in begins.items():
            self.assertLessEqual(begin["ts"], ends[number]["ts"])
            for event in (begin, ends[number]):
                self.assertIn((event["pid"], event["tid"], event["ts"]), slices, "bound to a slice")

    def test_tells_states_rules_violations_and_counters(self):
        states = {(event["pid"], event["name"]) for event in self.by("X") if event["tid"] == 1}
        self.assertLessEqual({(2, "paused"), (4, "power lost"), (1, "up")}, states)
        self.assertEqual([event["name"] for event in self.by("b")], ["partition n1,n2 | n3..n6"])
        self.assertEqual([event["ts"] for event in self.by("b") + self.by("e")], [5e6, 9e6])
        self.assertTrue(any(event["name"] == "violation: no_eviction" for event in self.by("i")))
        self.assertIn("nodes up", {event["name"] for event in self.by("C")})


class ShiViz(ExportTest):
    LINE = re.compile(r"(?P<event>.*)\n(?P<host>\S*) (?P<clock>{.*})\n")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.text = cls.lab.export("shiviz").decode()
        cls.log = cls.parse(cls.text)

    @classmethod
    def parse(cls, text):
        """Events as (host, clock, text), as ShiViz reads them by its default expression."""
        found = [(match["host"], json.loads(match["clock"]), match["event"]) for match in cls.LINE.finditer(text)]
        assert sum(len(event.encode()) for _, _, event in found) > 0 and 2 * len(found) == text.count("\n")
        return found

    def check(self, log):
        """The rules of vector clocks, for every event."""
        clocks = collections.defaultdict(list)
        for host, clock, _ in log:
            self.assertEqual(clock[host], len(clocks[host]) + 1, "a host counts its own events without a gap")
            before = clocks[host][-1] if clocks[host] else {}
            self.assertTrue(all(clock.get(other, 0) >= value for other, value in before.items()), "never backwards")
            for other, value in clock.items():
                if other == host:
                    continue
                self.assertLessEqual(value, len(clocks[other]), "nobody knows the future")
                known = clocks[other][value - 1]
                self.assertTrue(all(clock.get(third, 0) >= seen for third, seen in known.items()),
                                "who knows an event knows all that it knew")
            clocks[host].append(clock)

    def test_clocks_are_consistent_with_what_happened_before(self):
        self.assertGreater(len(self.log), 1000)
        self.check(self.log)

    def test_who_takes_a_frame_knows_of_its_sending(self):
        takes = [(host, clock, text) for host, clock, text in self.log if " takes " in text]
        self.assertGreater(len(takes), 500)
        for host, clock, text in takes:
            sender = re.search(r" (\w+)->", text)[1]
            self.assertGreaterEqual(clock.get(sender, 0), 1, text)
            self.assertIn(f"->{host}", text)

    def test_each_frame_that_is_taken_was_sent_once(self):
        sent = collections.Counter(text.split(" sends ")[1] for _, _, text in self.log if " sends " in text)
        taken = collections.Counter(text.split(" takes ")[1] for _, _, text in self.log if " takes " in text)
        for what, times in taken.items():
            if ", a copy" not in what:
                self.assertEqual(sent[what], times, what)
        self.assertTrue(any(", a copy" in what for what in taken))

    def test_a_cut_off_log_has_no_gap_either(self):
        self.check(self.parse(self.lab.export("shiviz", "--messages", "60").decode()))


class Pcapng(ExportTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.path = cls.lab.root / "stormy.pcapng"
        cls.path.write_bytes(cls.lab.export("pcapng"))

    def tshark(self, *arguments):
        # Random bytes on any port may look like some protocol to a guess: frames of ours are data.
        return self.filter("tshark", "-n", "-d", "tcp.port==7000,data", "-r", self.path, *arguments).splitlines()

    def fields(self, *names, only=""):
        options = [word for name in names for word in ("-e", name)]
        checks = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
        rows = self.tshark(*checks, "-Y", only, "-T", "fields", "-E", "separator=\t", *options)
        return [row.split("\t") for row in rows]

    def test_capinfos_reads_it(self):
        text = self.filter("capinfos", "-M", "-T", "-r", "-t", "-E", "-c", "-a", "-e", "-S", self.path)
        kind, encapsulation, packets, first, last = text.split("\t")[1:6]
        self.assertEqual((kind, encapsulation), ("pcapng", "rawip"))
        self.assertGreater(int(packets), 1000)
        self.assertGreaterEqual(float(first), 0)
        self.assertLessEqual(float(last), 40)

    def test_tshark_finds_every_checksum_right_and_nothing_malformed(self):
        self.assertEqual({tuple(row) for row in self.fields("ip.checksum.status", "tcp.checksum.status")}, {("1", "1")})
        self.assertEqual(self.fields("frame.number", only="_ws.malformed"), [])

    def test_each_connection_is_a_stream_that_begins_with_a_handshake(self):
        syns = self.fields("tcp.stream", "ip.src", "tcp.dstport", only="tcp.flags.syn == 1 && tcp.flags.ack == 0")
        streams = {row[0] for row in self.fields("tcp.stream")}
        self.assertEqual(len(syns), len(streams))
        self.assertGreater(len(streams), 15)
        self.assertEqual({row[2] for row in syns}, {"7000"})
        self.assertTrue(all(row[1].startswith("10.0.0.") for row in syns))

    def test_payloads_are_real_frames(self):
        payloads = [row[0].replace(":", "") for row in self.fields("tcp.payload", only="tcp.len > 0 && !tcp.analysis.retransmission")]
        whole = sum(payload.startswith(b"MPRG".hex()) for payload in payloads)
        self.assertGreater(whole, len(payloads) * 98 // 100, "a flipped bit may strike the first four bytes")

    def test_what_was_lost_is_a_gap_and_a_copy_is_sent_again(self):
        self.assertTrue(self.fields("frame.number", only="tcp.analysis.lost_segment"))
        self.assertTrue(self.fields("frame.number", only="tcp.analysis.retransmission || tcp.analysis.spurious_retransmission"))

    def test_comments_say_what_a_packet_is(self):
        comments = [row[0] for row in self.fields("frame.comment", only="frame.comment")]
        self.assertTrue(any(comment.startswith("rpc.call n") for comment in comments))


class Graphviz(ExportTest):
    def draw(self, *arguments):
        graph = self.lab.export("graphviz", *arguments)
        return graph.decode(), self.filter("dot", "-Tplain", data=graph)

    def test_dot_reads_it_and_draws_every_place(self):
        text, drawn = self.draw("--at", "4s")
        nodes = [line.split()[1] for line in drawn.splitlines() if line.startswith("node ")]
        self.assertEqual(sorted(nodes), ["n1", "n2", "n3", "n4", "n5", "n6", "w1"])
        self.assertEqual(sum(line.startswith("edge ") for line in drawn.splitlines()), 16, "a mesh, and the worker")
        self.assertNotIn("subgraph", text)

    def test_a_partition_is_drawn_as_groups_and_a_process_that_is_down_is_dashed(self):
        text, _ = self.draw("--at", "6s")
        self.assertEqual(text.count("subgraph cluster_"), 2)
        self.assertIn('label="at +6.000000s\\npartition n1,n2 | n3..n6"', text)
        text, _ = self.draw("--at", "15s")
        self.assertRegex(text, r'"n4" \[[^]]*dashed')


if __name__ == "__main__":
    unittest.main()
