"""The gates that compile (warnings, sanitizers, clang-tidy, fuzzing) are fed a violation each, and must refuse it.

They use the compilers for real, so they take their time: tools/test --quick leaves them out.
Run: /usr/bin/python3 -m unittest discover -s tests/gates/builds -p '*_test.py'
"""

import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from sandbox import REPOSITORY, TOOLS, SandboxTest

COMPILERS = {"g++": "gcc", "clang++": "clang"}

# A program of one file a violation, built with the options of this repository and nothing else of it.
PROJECT = f"""\
cmake_minimum_required(VERSION 3.25)
project(violations LANGUAGES C CXX)
list(APPEND CMAKE_MODULE_PATH {REPOSITORY}/cmake)
include(Options)
file(GLOB files *.cpp)
foreach(file IN LISTS files)
  get_filename_component(name ${{file}} NAME_WE)
  add_executable(${{name}} ${{file}})
  target_link_libraries(${{name}} PRIVATE mpreg_options)
endforeach()
"""

CLEAN = "int main() { return 0; }\n"

# Name: the code, and the flag that the compiler must name.
WARNINGS = {
    "unused": ("int main() { int left_over = 1; return 0; }\n", "unused"),
    "shadow": ("int main(int count, char**) { for (int i = 0; i < count; ++i) { int count = i; if (count > 7) return 1; } "
               "return 0; }\n", "shadow"),
    "narrowing": ("int main(int count, char**) { short small = count; return small; }\n", "conversion"),
    "sign": ("int main(int count, char**) { unsigned long size = count; return size > 7; }\n", "sign-conversion"),
    "destructor": ("struct Base { virtual int f() { return 0; } ~Base() {} }; int main() { return Base().f(); }\n",
                   "non-virtual-dtor"),
}

# Name: sanitizers, the code, and what the program must say when it ends with a failure.
CRIMES = {
    "overflow": ("address,undefined", "int main(int count, char**) { int large = 2147483647; large += count; "
                 "return large == 5; }\n", "signed integer overflow"),
    "overrun": ("address,undefined", "#include <vector>\nint main(int count, char**) { std::vector<int> few(3); "
                "return few.data()[2 + count]; }\n", "heap-buffer-overflow"),
    "leak": ("address,undefined", "#include <string>\nint main(int count, char**) { auto* text = new std::string(99, 'x'); "
             "const bool is_long = text->size() > 7; text = nullptr; return is_long && count == 0; }\n",
             "detected memory leaks"),
    "race": ("thread", "#include <thread>\nint shared = 0;\nint main() { std::thread other([] { ++shared; }); ++shared; "
             "other.join(); return 0; }\n", "data race"),
}


class BuildTest(SandboxTest):
    def configure(self, folder, compiler, **options):
        self.write("CMakeLists.txt", PROJECT)
        code, text = self.run_command(
            "cmake", "-S", self.root, "-B", self.root / folder, "-G", "Ninja", f"-DCMAKE_CXX_COMPILER={compiler}",
            f"-DCMAKE_C_COMPILER={COMPILERS[compiler]}", *(f"-D{key}={value}" for key, value in options.items()))
        self.assertEqual(code, 0, text)

    def build(self, folder, target):
        return self.run_command("cmake", "--build", self.root / folder, "--target", target)


class Warnings(BuildTest):
    def test_both_compilers_refuse_each_violation_and_accept_clean_code(self):
        self.write("innocent.cpp", CLEAN)
        for name, (code, _) in WARNINGS.items():
            self.write(f"{name}.cpp", code)
        for compiler in COMPILERS:
            self.configure(compiler, compiler)
            code, text = self.build(compiler, "innocent")
            self.assertEqual(code, 0, text)
            for name, (_, flag) in WARNINGS.items():
                with self.subTest(compiler=compiler, violation=name):
                    code, text = self.build(compiler, name)
                    self.assertNotEqual(code, 0, text)
                    self.assertRegex(text, rf"-Werror[=,][^\]]*{flag}")


class Sanitizers(BuildTest):
    def test_each_crime_ends_the_program_and_clean_code_ends_well(self):
        self.write("innocent.cpp", CLEAN)
        for name, (_, code, _) in CRIMES.items():
            self.write(f"{name}.cpp", code)
        for sanitizers in sorted({entry[0] for entry in CRIMES.values()}):
            folder = sanitizers.replace(",", "_")
            self.configure(folder, "g++", CMAKE_BUILD_TYPE="Sanitize", MPREG_SANITIZE=sanitizers)
            names = ["innocent"] + [name for name, entry in CRIMES.items() if entry[0] == sanitizers]
            for name in names:
                code, text = self.build(folder, name)
                self.assertEqual(code, 0, text)
                with self.subTest(crime=name):
                    code, text = self.run_command(TOOLS / "fixed_addresses", self.root / folder / name)
                    if name == "innocent":
                        self.assertEqual(code, 0, text)
                    else:
                        self.assertNotEqual(code, 0, text)
                        self.assertIn(CRIMES[name][2], text)


class Tidy(BuildTest):
    def check(self, *codes):
        """Runs clang-tidy with the repository's configuration over the files of an engine/ of its own."""
        for name in (".clang-tidy", "engine/.clang-tidy"):
            self.write(name, (REPOSITORY / name).read_text())
        units = [self.write(f"engine/base/unit{number}.cpp", code) for number, code in enumerate(codes)]
        self.write("compile_commands.json", json.dumps(
            [{"directory": str(self.root), "file": str(unit), "command": f"clang++ -std=c++20 -o unit.o -c {unit}"}
             for unit in units]))
        return self.run_command(TOOLS / "check_tidy", "--build", self.root, *units)

    def test_accepts_clean_code(self):
        code, text = self.check("namespace mpreg {\nint twice(int value) { return 2 * value; }\n}  // namespace mpreg\n")
        self.assertEqual(code, 0, text)
        self.assertIn("1 files, clean", text)

    def test_refuses_each_violation_by_name(self):
        for violation, name in [
            ("struct Half {\n  Half() {}\n  int value;\n};\nint f() { return Half().value; }",
             "cppcoreguidelines-pro-type-member-init"),
            ("int counter = 0;", "cppcoreguidelines-avoid-non-const-global-variables"),
            ("int Twice(int value) { return 2 * value; }", "readability-identifier-naming"),
            ("#include <string>\nbool f(std::string text) { return text.size() == 7; }",
             "performance-unnecessary-value-param"),
            ("#include <cstdlib>\nint f() { return std::rand(); }", "concurrency-mt-unsafe"),
        ]:
            with self.subTest(violation):
                code, text = self.check(violation + "\n")
                self.assertEqual(code, 1, text)
                self.assertIn(name, text)

    def test_finds_what_is_in_any_file_of_a_folder(self):
        clean = "namespace mpreg {{\nint twice{0}(int value) {{ return 2 * value; }}\n}}  // namespace mpreg\n"
        code, text = self.check(clean.format(1), "namespace mpreg {\nint Thrice();\n}\n", clean.format(2))
        self.assertEqual(code, 1, text)
        self.assertIn("unit1.cpp:2", text)


class Fuzz(BuildTest):
    def smoke(self, body):
        source = self.write("one.cpp", "#include <cstddef>\n#include <cstdint>\n#include <cstring>\n"
                            "extern \"C\" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {\n"
                            f"  {body}\n  return 0;\n}}\n")
        (self.root / "fuzz").mkdir(exist_ok=True)
        code, text = self.run_command("clang++", "-std=c++20", "-O1", "-fsanitize=fuzzer,address,undefined",
                                      "-fno-sanitize-recover=all", source, "-o", self.root / "fuzz" / "one_fuzz")
        self.assertEqual(code, 0, text)
        return self.run_command(TOOLS / "fuzz_smoke", "3", self.root)

    def test_accepts_what_survives(self):
        code, text = self.smoke("if (size > 9 && data == nullptr) return 1;")
        self.assertEqual(code, 0, text)
        self.assertIn("ok      one_fuzz", text)

    def test_names_the_input_of_a_crash(self):
        code, text = self.smoke("if (size > 1 && data[0] == 'x') __builtin_trap();")
        self.assertEqual(code, 1, text)
        self.assertRegex(text, r"FINDING one_fuzz: repeat with .*one_fuzz .*findings/one_fuzz\.crash-")

    def test_refuses_to_pass_when_there_is_nothing_to_run(self):
        (self.root / "fuzz").mkdir()
        code, text = self.run_command(TOOLS / "fuzz_smoke", "3", self.root)
        self.assertEqual(code, 2, text)
        self.assertIn("no target", text)


if __name__ == "__main__":
    unittest.main()
