"""tools/trace_diff names the first turn that differs, and nothing but that."""

import pathlib
import subprocess
import tempfile
import unittest

TOOL = pathlib.Path(__file__).resolve().parents[2] / "tools" / "trace_diff"

TRACE = """\
#1 +0.100000s n1 <- expired{dial_round}
  -> dial{id=1 "n2"}
#2 +0.200000s n2 <- l1 session.hello{} @0000000000000001
  => peer_up{n1 l1}
  -> n1 l1 session.proof{}
#3 +0.300000s n1 <- expired{leave}
"""


class TraceDiff(unittest.TestCase):
    def run_on(self, a, b, *options):
        with tempfile.TemporaryDirectory(prefix="mpreg_trace_") as folder:
            left, right = pathlib.Path(folder, "a"), pathlib.Path(folder, "b")
            left.write_text(a)
            right.write_text(b)
            done = subprocess.run([TOOL, left, right, *options], capture_output=True, text=True, check=False)
            return done.returncode, done.stdout

    def test_equal_traces_are_equal(self):
        self.assertEqual(self.run_on(TRACE, TRACE), (0, "equal: 3 turns\n"))
        self.assertEqual(self.run_on("", ""), (0, "equal: 0 turns\n"))

    def test_shows_the_line_that_differs_within_its_turn(self):
        code, text = self.run_on(TRACE, TRACE.replace("session.proof", "session.refusal"))
        self.assertEqual(code, 1)
        self.assertEqual(text, """\
first difference in line 5, in the turn that starts in line 3
  #1 +0.100000s n1 <- expired{dial_round}
    -> dial{id=1 "n2"}
  #2 +0.200000s n2 <- l1 session.hello{} @0000000000000001
    => peer_up{n1 l1}
-   -> n1 l1 session.proof{}
+   -> n1 l1 session.refusal{}
""")

    def test_context_is_counted_in_turns(self):
        _, text = self.run_on(TRACE, TRACE.replace("{leave}", "{other}"), "--context", "1")
        self.assertNotIn("#1 ", text)
        self.assertIn("  #2 ", text)
        _, text = self.run_on(TRACE, TRACE.replace("{leave}", "{other}"), "--context", "0")
        self.assertNotIn("#2 ", text)

    # A turn that only lost its last effect has no differing line of its own.
    def test_sees_an_effect_that_is_missing_at_the_end_of_a_turn(self):
        code, text = self.run_on(TRACE, TRACE.replace("  -> n1 l1 session.proof{}\n", ""))
        self.assertEqual(code, 1)
        self.assertIn("-   -> n1 l1 session.proof{}\n+ (the turn ends here)\n", text)

    def test_sees_which_trace_ends_early(self):
        short = TRACE[: TRACE.index("#3")]
        self.assertIn("- #3 +0.300000s n1 <- expired{leave}\n+ (the trace ends here)\n", self.run_on(TRACE, short)[1])
        self.assertIn("- (the trace ends here)\n+ #3 +0.300000s n1 <- expired{leave}\n", self.run_on(short, TRACE)[1])

    # Two plans that differ in their first fault rename everything after it.
    def test_can_leave_causal_names_out(self):
        renamed = TRACE.replace("@0000000000000001", "@00000000000000ff")
        self.assertEqual(self.run_on(TRACE, renamed)[0], 1)
        self.assertEqual(self.run_on(TRACE, renamed, "--ignore-causes")[0], 0)

    def test_wrong_use_is_told_apart_from_a_difference(self):
        self.assertEqual(self.run_on(TRACE, TRACE, "--context", "-1")[0], 2)
        done = subprocess.run([TOOL, "/nonexistent/a", "/nonexistent/b"], capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("/nonexistent/a", done.stderr)

    def test_reads_one_side_from_standard_input(self):
        with tempfile.TemporaryDirectory(prefix="mpreg_trace_") as folder:
            path = pathlib.Path(folder, "a")
            path.write_text(TRACE)
            done = subprocess.run([TOOL, "-", path], input=TRACE, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    unittest.main()
