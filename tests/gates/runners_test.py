"""The programs that run other programs (matrix, soak, setup, trace_diff) against stand-ins that misbehave on purpose."""

import unittest

from sandbox import TOOLS, SandboxTest

VARIANTS = ["gxx-O0", "gxx-O2", "clangxx-O2", "gxx-asan-ubsan"]


class RunnerTest(SandboxTest):
    def script(self, name, body):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n" + body + "\n")
        path.chmod(0o755)
        return path

    def run_tool(self, tool, *arguments, **environment):
        return self.run_command(TOOLS / tool, *arguments, **environment)


class Matrix(RunnerTest):
    def check(self, *bodies):
        for variant, body in zip(VARIANTS, bodies):
            self.script(f"build/{variant}/mpreg_plan", body)
        plans = self.root / "plans.txt"
        plans.write_text("# comment\nscenarios/a.scn --seed 1\nscenarios/b.scn --seed 2\n")
        return self.run_tool("trace_matrix", "--no-build", "--list", plans, "--build", self.root / "build")

    def test_accepts_equal_hashes(self):
        code, text = self.check(*['echo "$1 $3 abcd"'] * 4)
        self.assertEqual(code, 0, text)
        self.assertIn("equal   scenarios/b.scn 2 abcd", text)
        self.assertIn("2 plans in 4 builds, 0 differ, 0 violated", text)

    def test_names_the_first_plan_that_differs_and_every_hash(self):
        same, other = 'echo "$1 $3 abcd"', 'if [ $3 = 2 ]; then echo "$1 $3 ffff"; else echo "$1 $3 abcd"; fi'
        code, text = self.check(same, same, other, same)
        self.assertEqual(code, 1, text)
        self.assertIn("matrix: first difference: scenarios/b.scn --seed 2", text)
        self.assertRegex(text, r"clang\+\+-O2 +scenarios/b.scn 2 ffff")

    def test_refuses_a_violation_although_all_builds_agree_on_it(self):
        code, text = self.check(*['echo "$1 $3 abcd"; [ $3 != 2 ]'] * 4)
        self.assertEqual(code, 1, text)
        self.assertIn("VIOLATED scenarios/b.scn --seed 2 in clang++-O2", text)
        self.assertIn("2 plans in 4 builds, 0 differ, 1 violated", text)

    def test_takes_a_crash_after_the_hash_for_a_failure(self):
        same = 'echo "$1 $3 abcd"'
        code, text = self.check(same, same, same, same + "; echo 'leaked' >&2; exit 23")
        self.assertEqual(code, 2, text)
        self.assertIn("leaked", text)

    def test_takes_a_crash_for_a_failure_and_not_for_a_hash(self):
        same = 'echo "$1 $3 abcd"'
        code, text = self.check(same, same, same, "echo 'runtime error: index 4' >&2; exit 1")
        self.assertEqual(code, 2, text)
        self.assertIn("runtime error: index 4", text)


class Soak(RunnerTest):
    def check(self, body):
        self.script("mpreg", body)
        scenario = self.root / "join.scn"
        scenario.write_text("")
        return self.run_tool("soak", "--mpreg", self.root / "mpreg", scenario, TESTS_SCENARIO_SEEDS="3")

    def test_counts_the_seeds_that_passed(self):
        code, text = self.check("""echo '{"verdict":"pass","simulated_seconds":10,"violations":[]}'""")
        self.assertEqual(code, 0, text)
        self.assertRegex(text, r"join +3/3")

    def test_prints_the_violation_and_the_command_that_repeats_it(self):
        code, text = self.check("""
            if [ $5 = 2 ]; then
              echo '{"verdict":"fail","violations":[{"check":"agreement","at_seconds":7,"node":"n4","detail":"split"}]}'
              exit 1
            fi
            echo '{"verdict":"pass","violations":[]}'""")
        self.assertEqual(code, 1, text)
        self.assertRegex(text, r"join +2/3")
        self.assertIn("--seed 2 --json", text)
        self.assertIn("agreement at 7 s, node n4: split", text)

    def test_believes_neither_a_crash_nor_a_verdict_that_the_exit_code_denies(self):
        code, text = self.check("echo 'assertion failed' >&2; exit 134")
        self.assertEqual(code, 2, text)
        self.assertIn("assertion failed", text)
        code, text = self.check("""echo '{"verdict":"pass"}'; exit 1""")
        self.assertEqual(code, 2, text)
        self.assertIn("verdict 'pass' with exit 1", text)


class FixedAddresses(RunnerTest):
    def test_passes_arguments_and_the_exit_code_on(self):
        code, text = self.run_tool("fixed_addresses", "sh", "-c", 'echo "$0 $1"; exit 7', "a b", "c")
        self.assertEqual((code, text), (7, "a b c\n"))

    def test_runs_the_command_where_the_system_forbids_it(self):
        self.script("bin/setarch", "echo 'setarch: failed to set personality' >&2; exit 1")
        code, text = self.run_tool("fixed_addresses", "echo", "done", PATH=f"{self.root}/bin:/usr/bin:/bin")
        self.assertEqual((code, text), (0, "done\n"))


class Setup(RunnerTest):
    def check(self, missing):
        """Runs tools/setup where `missing` are the only packages that are not installed."""
        self.script("bin/dpkg-query", f'for last; do :; done\ncase " {missing} " in *" $last "*) exit 1 ;; esac\n'
                                      "echo installed")
        self.script("bin/apt-get", f'echo "$@" >>{self.root}/apt.log')
        self.script("bin/sudo", '"$@"')
        log = self.root / "apt.log"
        log.unlink(missing_ok=True)
        code, text = self.run_tool("setup", PATH=f"{self.root}/bin:/usr/bin:/bin")
        return code, text, log.read_text() if log.exists() else ""

    def test_installs_what_is_missing_and_only_that(self):
        code, text, calls = self.check("capnproto libsodium-dev")
        self.assertEqual(code, 0, text)
        self.assertIn("missing: capnproto libsodium-dev", text)
        self.assertEqual(calls.splitlines()[-1],
                         "-qq install -y --no-install-recommends capnproto libsodium-dev")

    def test_does_nothing_when_nothing_is_missing(self):
        code, text, calls = self.check("")
        self.assertEqual((code, calls), (0, ""), text)
        self.assertIn("nothing to do", text)


class TraceDiff(RunnerTest):
    def check(self, a, b):
        (self.root / "a").write_text(a)
        (self.root / "b").write_text(b)
        return self.run_tool("trace_diff", self.root / "a", self.root / "b")

    def test_finds_the_turn_where_two_traces_part(self):
        same = "#1 +0s n1 started\n#2 +1s n2 <- n1 ping\n"
        self.assertEqual(self.check(same + "  -> n1 ack\n", same + "  -> n1 ack\n")[0], 0)
        code, text = self.check(same + "  -> n1 ack\n", same + "  -> n3 ack\n")
        self.assertEqual(code, 1, text)
        self.assertIn("line 3, in the turn that starts in line 2", text)
        self.assertIn("-   -> n1 ack\n+   -> n3 ack", text)

    def test_sees_a_trace_that_ends_early(self):
        code, text = self.check("#1 a\n#2 b\n", "#1 a\n")
        self.assertEqual(code, 1, text)
        self.assertIn("(the trace ends here)", text)


if __name__ == "__main__":
    unittest.main()
