#!/usr/bin/python3
"""Every header of engine/, sim/, net/ and node/ has `#pragma once` and compiles alone.

Usage: check_headers.py [--root DIR] [--build DIR] [--jobs N] [HEADER...]    Exit: 0 clean, 1 violations.
A header that a .cpp of the tree includes before anything else is compiled alone by the build; the others (all of them,
where they are named) are compiled here, through ccache where it is installed, so that a second run costs little.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import gatelib

FOLDERS = ("engine/", "sim/", "net/", "node/")
FIRST_INCLUDE = re.compile(r'^#include ["<]([^">]+)[">]', re.MULTILINE)
DEFINES = ["-DBOOST_ASIO_SEPARATE_COMPILATION", "-DBOOST_BEAST_SEPARATE_COMPILATION", "-DBOOST_ASIO_NO_DEPRECATED"]


def check(root, build, header, scratch):
    """None, or why one header does not compile alone."""
    unit = header.replace("/", "_") + ".cpp"
    (scratch / unit).write_text(f'#include "{header}"\n#include "{header}"\n')
    launcher = ["ccache"] if shutil.which("ccache") else []
    command = launcher + ["g++", "-std=c++20", "-O0", "-Wall", "-Wextra", f"-I{root.resolve()}", "-isystem",
                          str(build.resolve() / "generated"), *DEFINES, "-c", unit, "-o", unit + ".o"]
    # A name relative to the scratch folder: ccache hashes the name of the unit, and the folder is another each time.
    result = subprocess.run(command, capture_output=True, text=True, cwd=scratch)
    if result.returncode != 0:
        return f"{header}:1: does not compile alone\n{result.stderr.strip()[:1500]}"
    return None


def first_includes(root):
    """Headers that some .cpp includes before anything else: the build compiles them alone."""
    units = (name for name in gatelib.cpp_files(root) if name.endswith(".cpp") and name.startswith(FOLDERS))
    found = (FIRST_INCLUDE.search(gatelib.read(root, name)) for name in units)
    return {match.group(1) for match in found if match}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, default=gatelib.repository_root())
    parser.add_argument("--build", type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("headers", nargs="*")
    args = parser.parse_args()
    build = args.build or args.root / "build" / "release"
    headers = [name for name in gatelib.cpp_files(args.root) if name.endswith(".hpp") and name.startswith(FOLDERS)]
    alone = set() if args.headers else first_includes(args.root)
    headers = args.headers or headers
    bad = [f"{name}:1: no #pragma once" for name in headers if "#pragma once" not in gatelib.read(args.root, name)]
    compiled = [name for name in headers if name not in alone]
    with tempfile.TemporaryDirectory(prefix="mpreg_headers_") as scratch, \
            concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        bad += filter(None, pool.map(lambda name: check(args.root, build, name, pathlib.Path(scratch)), compiled))
    print("\n".join(bad + [f"headers: {len(headers)} headers, {len(compiled)} compiled here, {len(bad)} violations"]))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
