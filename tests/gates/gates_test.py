"""Each gate is fed a violation in a small tree of its own, and must refuse it with the right words.

A gate that accepts everything looks the same as a clean tree; only these tests tell the two apart.
Run: /usr/bin/python3 -m unittest discover -s tests/gates -p '*_test.py'
"""

import subprocess
import unittest

from sandbox import REPOSITORY, TOOLS, SandboxTest

PYTHON = "/usr/bin/python3"

CLEAN = '#pragma once\n\n#include <cstdint>\n\nnamespace mpreg {\n\nstd::uint64_t next(std::uint64_t value);\n\n}\n'


class GateTest(SandboxTest):
    """A temporary tree with the real layers.toml and one clean header."""

    def setUp(self):
        super().setUp()
        self.write("tools/layers.toml", (TOOLS / "layers.toml").read_text())
        self.write("engine/base/next.hpp", CLEAN)

    def gate(self, name, *arguments):
        return self.run_command(PYTHON, TOOLS / name, "--root", self.root, *arguments)

    def assert_refused(self, outcome, *messages, code=1):
        self.assertEqual(outcome[0], code, outcome[1])
        for message in messages:
            self.assertIn(message, outcome[1])

    def assert_accepted(self, outcome):
        self.assertEqual(outcome[0], 0, outcome[1])


class Layers(GateTest):
    def check(self):
        return self.gate("check_layers.py")

    def test_accepts_a_clean_tree(self):
        self.write("engine/gossip/gossip.hpp", '#include "engine/base/next.hpp"\n#include <map>\n')
        self.write("net/loop.cpp", '#include <boost/asio/io_context.hpp>\n#include <thread>\n')
        self.assert_accepted(self.check())

    def test_refuses_a_clock_header_in_the_engine(self):
        self.write("engine/gossip/gossip.hpp", "#pragma once\n\n#include <chrono>\n")
        self.assert_refused(self.check(), "engine/gossip/gossip.hpp:3: engine/ may not include <chrono>", "Turn::now()")

    def test_refuses_an_unordered_container_in_the_simulator(self):
        self.write("sim/network.cpp", "#include <unordered_map>\n")
        self.assert_refused(self.check(), "sim/network.cpp:1: sim/ may not include <unordered_map>", "std::map")

    def test_refuses_a_header_that_nobody_allowed(self):
        self.write("engine/catalog/x.cpp", "#include <sys/socket.h>\n")
        self.assert_refused(self.check(), "engine/catalog/x.cpp:1: engine/catalog/ may not include <sys/socket.h>")

    def test_refuses_a_back_edge(self):
        self.write("engine/fabric/fabric.hpp", "#pragma once\n")
        self.write("engine/gossip/gossip.cpp", '#include "engine/fabric/fabric.hpp"\n')
        self.assert_refused(self.check(), "engine/gossip/gossip.cpp:1: engine/gossip/ may not include engine/fabric/")

    def test_refuses_one_world_in_the_other(self):
        self.write("net/link.hpp", "#pragma once\n")
        self.write("sim/ports.cpp", '#include "net/link.hpp"\n')
        self.assert_refused(self.check(), "sim/ports.cpp:1: sim/ may not include net/")

    def test_refuses_generated_code_outside_the_codec(self):
        self.write("engine/wire/schema/envelope.capnp", "# schema\n")
        self.write("engine/rpc/caller.cpp", '#include "engine/wire/schema/envelope.capnp.h"\n')
        self.assert_refused(self.check(), "engine/wire/schema/ is private to engine/wire/")

    def test_refuses_a_relative_path(self):
        self.write("engine/base/a.cpp", '#include "next.hpp"\n')
        self.assert_refused(self.check(), '"next.hpp" must be a path from the repository root')

    def test_refuses_a_folder_without_a_layer(self):
        self.write("engine/surprise/a.cpp", '#include "engine/base/next.hpp"\n')
        self.assert_refused(self.check(), "engine/surprise/a.cpp:1: no layer for this folder")

    def test_reads_no_include_in_a_comment(self):
        self.write("engine/base/a.cpp", "// #include <chrono>\n/*\n#include <thread>\n*/\n")
        self.assert_accepted(self.check())

    def test_refuses_a_cycle_in_the_table_itself(self):
        self.write("tools/layers.toml", """\
            [layer.a]
            include = ["b"]
            [layer.b]
            include = ["c"]
            [layer.c]
            include = ["a"]
            """)
        self.assert_refused(self.check(), "layers.toml: cycle: a -> b -> c -> a", code=2)


class Words(GateTest):
    def check(self):
        return self.gate("check_words.py")

    def test_accepts_a_clean_tree(self):
        self.write("engine/base/a.cpp", "static_assert(sizeof(int) == 4);  // throw, double, rand() in a comment\n"
                                        'const char* text = "catch the float";\n')
        self.assert_accepted(self.check())

    def test_refuses_each_banned_word_with_its_replacement(self):
        for code, message in [
            ("std::unordered_map<int, int> table;", "'unordered_*' is banned in engine/: std::map"),
            ("auto now = std::chrono::steady_clock::now();", "'*_clock' is banned in engine/: Turn::now()"),
            ("clock_gettime(CLOCK_MONOTONIC, &ts);", "'system clock or entropy' is banned"),
            ("double cost = 0;", "'double/float' is banned in engine/: fixed point"),
            ("throw 1;", "'throw' is banned in engine/: return Result<T>"),
            ("int x = rand();", "'rand(' is banned in engine/: Turn::random"),
            ("assert(x);", "'assert(' is banned in engine/: MPREG_ASSERT"),
            ("auto t = clock.wall();", "'wall()' is banned"),
            ("thread_local int x;", "'thread_local' is banned"),
            ("co_await next();", "'coroutine' is banned"),
            ("char* home = getenv(name);", "'getenv' is banned"),
            ("auto n = 1'000; double y; auto m = 2'000;", "'double/float' is banned"),
        ]:
            with self.subTest(code):
                self.write("engine/gossip/a.cpp", f"// line one\nvoid f() {{ {code} }}\n")
                self.assert_refused(self.check(), f"engine/gossip/a.cpp:2: {message}")

    def test_lets_net_and_node_use_the_world(self):
        self.write("net/a.cpp", "void f() { auto now = std::chrono::steady_clock::now(); throw 1; }\n")
        self.assert_accepted(self.check())

    def test_lets_the_codec_alone_catch(self):
        self.write("engine/wire/codec.cpp", "void f() { try { g(); } catch (const kj::Exception&) {} }\n")
        self.assert_accepted(self.check())
        self.write("engine/wire/frame.cpp", "void f() { try { g(); } catch (const kj::Exception&) {} }\n")
        self.assert_refused(self.check(), "engine/wire/frame.cpp:1: 'catch' is banned")

    def test_refuses_unfinished_work_without_a_kind(self):
        later, unfinished = "TO" + "DO", "FIX" + "ME"
        self.write("node/a.cpp", f"// {later}(soon): name the reason\n")
        self.assert_accepted(self.check())
        for comment in (f"{later}: later", f"{later} later", f"{later}(me): later", f"{later}(soon): "):
            with self.subTest(comment):
                self.write("node/a.cpp", f"\n// {comment}\n")
                self.assert_refused(self.check(), f"node/a.cpp:2: {later} needs a kind")
        self.write("node/a.cpp", f"// {unfinished}\n")
        self.assert_refused(self.check(), f"node/a.cpp:1: {unfinished} does not reach main")

    def test_prints_sizes_but_does_not_fail_on_them(self):
        self.write("engine/base/long.cpp", "int f(int x) {\n" + "  x += 1;\n" * 310 + "  return x;\n}\n")
        outcome = self.check()
        self.assert_accepted(outcome)
        self.assertIn("note: engine/base/long.cpp: 313 lines", outcome[1])
        self.assertIn("f() has 313 lines", outcome[1])
        self.assertIn("note: engine/base/next.hpp: nothing includes it", outcome[1])


class Symbols(GateTest):
    def archive(self, code):
        source = self.write("unit.cpp", code)
        subprocess.run(["g++", "-std=c++20", "-O1", "-c", source, "-o", self.root / "unit.o"], check=True)
        path = self.root / "libmpreg_gossip.a"
        path.unlink(missing_ok=True)
        subprocess.run(["ar", "rcs", path, self.root / "unit.o"], check=True)
        return path

    def check(self, code):
        return self.run_command(PYTHON, TOOLS / "check_symbols.py", self.archive(code))

    def test_accepts_pure_code(self):
        self.assert_accepted(self.check("#include <memory>\n#include <string>\n"
                                        "std::shared_ptr<std::string> send(int n) {\n"
                                        "  return std::make_shared<std::string>(unsigned(n), 'x');\n}\n"))

    def test_refuses_each_reach_into_the_world(self):
        for code, message in [
            ("#include <time.h>\nlong f() { timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec; }",
             "libmpreg_gossip.a(unit.o): 'clock_gettime' reaches for a clock"),
            ("#include <chrono>\nlong f() { return std::chrono::steady_clock::now().time_since_epoch().count(); }",
             "reaches for a clock"),
            ("#include <random>\nunsigned f() { std::random_device d; return d(); }", "reaches for entropy"),
            ("#include <cstdlib>\nchar* f() { return std::getenv(\"X\"); }", "'getenv' reaches for the environment"),
            ("#include <sys/socket.h>\nint f() { return socket(1, 1, 0); }", "'socket' reaches for a socket"),
            ("#include <fcntl.h>\nint f() { return open(\"x\", O_RDONLY); }", "'open' reaches for a file"),
            ("#include <unistd.h>\nint f(int x) { return fsync(x); }", "'fsync' reaches for a file"),
            ("#include <thread>\nvoid f() { std::thread([] {}).detach(); }", "reaches for a thread"),
            ("namespace boost::asio { struct io { void run(); }; void io::run() {} }",
             "code of a library that belongs in net/ or node/"),
        ]:
            with self.subTest(code):
                self.assert_refused(self.check(code + "\n"), message)

    def test_refuses_what_is_for_tests_only(self):
        code = ("namespace mpreg::runtime { struct Rarity; struct Driver { void set_rarity(const Rarity&); }; }\n"
                "void f(mpreg::runtime::Driver& d, const mpreg::runtime::Rarity& r) { d.set_rarity(r); }\n")
        self.assert_refused(self.check(code), "is for tests only")
        node = self.root / "libmpreg_node.a"
        node.write_bytes(self.archive(code).read_bytes())
        self.assert_refused(self.run_command(PYTHON, TOOLS / "check_symbols.py", node), "is for tests only")
        self.write("unit.cpp", "")
        world = self.archive("#include <unistd.h>\nint f(int x) { return fsync(x); }\n")
        node.write_bytes(world.read_bytes())
        self.assert_accepted(self.run_command(PYTHON, TOOLS / "check_symbols.py", node))

    def test_refuses_to_pass_when_there_is_nothing_to_check(self):
        outcome = self.run_command(PYTHON, TOOLS / "check_symbols.py", "--build", self.root)
        self.assert_refused(outcome, "no archive", code=2)


class Format(GateTest):
    def setUp(self):
        super().setUp()
        self.write(".clang-format", (REPOSITORY / ".clang-format").read_text())
        self.git("init", "-q")
        self.commit()

    def git(self, *arguments):
        subprocess.run(["git", "-C", self.root, "-c", "user.name=gate", "-c", "user.email=gate@localhost",
                        *arguments], check=True, capture_output=True)

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "state")

    def check(self, *arguments):
        return self.run_command(TOOLS / "check_format", "--root", self.root, *arguments)

    def test_accepts_then_refuses_then_mends(self):
        self.write("engine/base/next.hpp", CLEAN.replace("}\n", "}  // namespace mpreg\n"))
        self.assert_accepted(self.check())
        self.write("engine/base/a.cpp", "int  f( ){return 1;}\n")
        self.commit()
        self.assert_refused(self.check(), "engine/base/a.cpp:1: not formatted", "--fix")
        self.assert_accepted(self.check("--fix"))
        self.assert_accepted(self.check())

    def test_changed_looks_at_what_differs_from_head_only(self):
        self.write("engine/base/old.cpp", "int  f( ){return 1;}\n")
        self.commit()
        self.assert_accepted(self.check("--changed"))
        self.write("engine/base/new.cpp", "int  g( ){return 1;}\n")
        self.assert_refused(self.check("--changed"), "engine/base/new.cpp:1: not formatted")


class Headers(GateTest):
    def check(self):
        return self.gate("check_headers.py", "--build", self.root)

    def test_accepts_a_header_that_stands_alone(self):
        self.assert_accepted(self.check())

    def test_refuses_a_header_that_leans_on_its_includer(self):
        self.write("engine/base/leans.hpp", "#pragma once\ninline std::string name() { return {}; }\n")
        self.assert_refused(self.check(), "engine/base/leans.hpp:1: does not compile alone")

    def test_leaves_to_the_build_what_a_unit_includes_first(self):
        self.write("engine/base/leans.hpp", "#pragma once\ninline std::string name() { return {}; }\n")
        self.write("engine/base/late.cpp", '#include <string>\n#include "engine/base/leans.hpp"\n')
        self.assert_refused(self.check(), "engine/base/leans.hpp:1: does not compile alone")
        self.write("engine/base/leans.cpp", '#include "engine/base/leans.hpp"\n')  # the build refuses it
        self.assert_accepted(self.check())
        self.assert_refused(self.gate("check_headers.py", "--build", self.root, "engine/base/leans.hpp"), "alone")

    def test_refuses_a_header_without_a_guard(self):
        self.write("engine/base/twice.hpp", "inline int f() { return 1; }\n")
        self.assert_refused(self.check(), "engine/base/twice.hpp:1: no #pragma once")


class Readme(GateTest):
    def check(self, script, mark="<!-- run -->\n"):
        self.write("README.md", f"# Title\n\n{mark}```sh\n{script}\n```\n")
        return self.gate("check_readme.py")

    def test_runs_a_marked_block_from_the_root(self):
        self.assert_accepted(self.check("$ test -f engine/base/next.hpp\ntrue"))

    def test_refuses_a_command_that_fails(self):
        self.assert_refused(self.check("echo before\nfalse\ntrue"), "README.md:5: exit 1", "before")

    def test_refuses_a_readme_that_runs_nothing(self):
        self.assert_refused(self.check("true", mark=""), "no block marked", code=2)

    def test_refuses_a_block_that_would_run_itself(self):
        self.assert_refused(self.check("tools/test --quick"), "may not run tools/test")


if __name__ == "__main__":
    unittest.main()
