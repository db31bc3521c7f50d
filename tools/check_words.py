#!/usr/bin/python3
"""Refuses words that break determinism or the error model, each with what to write instead.

The bans hold for the code of engine/ and sim/ (comments and strings are not read); markers of unfinished work are
refused in every text file. Sizes, untested and unused files are printed as notes and never fail.

Usage: check_words.py [--root DIR] [--quiet]    Exit: 0 clean, 1 violations.
"""

import argparse
import pathlib
import re
import sys

import gatelib

# (pattern, shown, instead, files that may). Patterns match whole words of code.
BANS = [
    (r"\bthrow\b", "throw", "return Result<T> (style 2.3)", ()),
    (r"\bcatch\b", "catch", "only engine/wire/codec.cpp catches what Cap'n Proto throws", ("engine/wire/codec.cpp",)),
    (r"\btry\b", "try", "return Result<T>; only engine/wire/codec.cpp meets exceptions", ("engine/wire/codec.cpp",)),
    (r"\b(?:double|float)\b", "double/float", "fixed point: Cost and Ratio in engine/base/fixed.hpp", ()),
    (r"\bassert\s*\(", "assert(", "MPREG_ASSERT, which is always on", ()),
    (r"\bs?rand\s*\(", "rand(", "Turn::random(Purpose::...)", ()),
    (r"\bunordered_\w+", "unordered_*", "std::map, sorted_vector or hash_index: iteration order is behaviour", ()),
    (r"\bstd::hash\b", "std::hash", "engine/base/hash.hpp with an explicit key", ()),
    (r"\bstd::(?:shuffle|sample|random_device|mt19937\w*)\b", "std random", "engine/base/random.hpp", ()),
    (r"\b\w+_distribution\b", "*_distribution", "engine/base/random.hpp: results differ between libraries", ()),
    (r"\b(?:steady|system|high_resolution)_clock\b", "*_clock", "Turn::now()", ()),
    (r"\bstd::chrono\b", "std::chrono", "engine/base/time.hpp", ()),
    (r"\b(?:std::)?time\s*\(\s*(?:nullptr|NULL|0)\s*\)", "time()", "Turn::now()", ()),
    (r"\b(?:clock_gettime|gettimeofday|getrandom)\b", "system clock or entropy", "Turn::now(), Turn::random()", ()),
    (r"\bgetenv\b", "getenv", "an option of the component", ()),
    (r"\berrno\b", "errno", "Result<T>", ()),
    (r"\bthread_local\b", "thread_local", "a member of the owning component", ()),
    (r"\bvolatile\b", "volatile", "the engine is single-threaded", ()),
    (r"\bstd::(?:thread|jthread|mutex|atomic\w*|async|future|promise|condition_variable)\b", "std threads",
     "threads live in net/ and node/", ()),
    (r"\bco_(?:await|yield|return)\b", "coroutine", "a Flight: its stage can be printed and replayed", ()),
    (r"\bstd::c(?:out|err|in|log)\b", "std stream", "effect::Note", ()),
    (r"\b(?:std::)?f?printf\s*\(", "printf", "effect::Note, or describe() in engine/base/text.hpp",
     ("engine/base/assert.hpp", "engine/base/assert.cpp")),
    (r"\bwall\s*\(\s*\)", "wall()", "wall time is data for people, never an input to a decision",
     ("engine/runtime/runtime.hpp", "engine/runtime/driver.cpp")),
    (r"\b__(?:DATE|TIME|TIMESTAMP)__\b", "__DATE__", "builds must be reproducible", ()),
    (r"\b__FILE__\b", "__FILE__", "no build path in traces; MPREG_ASSERT names the place",
     ("engine/base/assert.hpp",)),
]
BANS = [(re.compile(pattern), shown, instead, allowed) for pattern, shown, instead, allowed in BANS]
DETERMINISTIC = ("engine/", "sim/")

UNFINISHED, LATER = "FIX" + "ME", "TO" + "DO"   # spelled so that this file passes its own gate
MARKERS = [
    (re.compile(rf"\b{UNFINISHED}\b"), f"{UNFINISHED} does not reach main: mend it, or file it"),
    (re.compile(rf"\b{LATER}\b(?!\((?:soon|perf|test)\): \S)"), f"{LATER} needs a kind: {LATER}(soon|perf|test): what"),
]
TEXT_SUFFIXES = gatelib.CPP_SUFFIXES | {
    "", ".py", ".cmake", ".txt", ".toml", ".json", ".capnp", ".scn", ".md", ".yml", ".yaml", ".js", ".html", ".trace"}

FILE_LINES, HEADER_LINES, FUNCTION_LINES = 300, 200, 60


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def banned_words(name, text):
    code = gatelib.blank_comments(text)
    for pattern, shown, instead, allowed in BANS:
        if name in allowed:
            continue
        for match in pattern.finditer(code):
            yield f"{name}:{line_of(code, match.start())}: '{shown}' is banned in {name.split('/')[0]}/: {instead}"


def unfinished(name, text):
    if name.endswith(".md"):
        text = re.sub(r"`[^`\n]*`", lambda match: " " * len(match.group(0)), text)
    for pattern, message in MARKERS:
        for match in pattern.finditer(text):
            yield f"{name}:{line_of(text, match.start())}: {message}"


SCOPE = re.compile(r"\b(?:namespace|class|struct|enum|union|extern)\b(?![^;{]*\))|\bextern\s*$")


def long_functions(name, text):
    """Notes on functions over the soft cap. Braces are counted, which is near enough for a note."""
    code = gatelib.blank_comments(text)
    code = re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", lambda m: re.sub(r"[^\n]", " ", m.group(0)), code, flags=re.MULTILINE)
    stack, head_from = [], 0
    for position, char in ((m.start(), m.group(0)) for m in re.finditer(r"[{};]", code)):
        if char == "{":
            head = code[head_from:position]
            inside = any(kind == "function" for kind, _, _ in stack)
            kind = "block" if inside else "scope" if SCOPE.search(head) else "function" if "(" in head else "block"
            label = re.findall(r"([\w~:]+)\s*\(", head)
            stack.append((kind, position, label[0] if label else "?"))
        elif char == "}" and stack:
            kind, start, label = stack.pop()
            lines = code.count("\n", start, position) + 1
            if kind == "function" and lines > FUNCTION_LINES:
                yield f"{name}:{line_of(code, start)}: {label}() has {lines} lines (soft cap {FUNCTION_LINES})"
        head_from = position + 1


def notes(root, files):
    """What the reader should know and nobody is stopped by."""
    sources = {name: gatelib.read(root, name) for name in files if pathlib.PurePosixPath(name).suffix in gatelib.CPP_SUFFIXES}
    included = {target for text in sources.values() for target in re.findall(r'#include "([^"]+)"', text)}
    for name, text in sources.items():
        lines = text.count("\n")
        cap = HEADER_LINES if name.endswith(".hpp") else FILE_LINES
        if lines > cap:
            yield f"{name}: {lines} lines (soft cap {cap}, hard cap 600)"
        yield from long_functions(name, text)
        if name.endswith(".hpp") and name not in included:
            yield f"{name}: nothing includes it"
        if name.startswith("engine/") and name.endswith(".cpp"):
            test = f"tests/{name[:-4]}_test.cpp"
            if test not in sources:
                yield f"{name}: no test of its own ({test})"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, default=gatelib.repository_root())
    parser.add_argument("--quiet", action="store_true", help="no notes")
    args = parser.parse_args()
    bad, files = [], gatelib.tree_files(args.root)
    for name in files:
        path = pathlib.PurePosixPath(name)
        if path.suffix not in TEXT_SUFFIXES or name == "LICENSE":
            continue
        text = gatelib.read(args.root, name)
        bad += unfinished(name, text)
        if name.startswith(DETERMINISTIC) and path.suffix in gatelib.CPP_SUFFIXES:
            bad += banned_words(name, text)
    if not args.quiet:
        for note in notes(args.root, files):
            print(f"note: {note}")
    for message in bad:
        print(message)
    print(f"words: {len(files)} files, {len(bad)} violations")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
