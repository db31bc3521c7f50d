#!/usr/bin/python3
"""Every header of engine/, sim/, net/ and node/ has `#pragma once` and compiles alone.

Usage: check_headers.py [--root DIR] [--build DIR] [--jobs N] [HEADER...]    Exit: 0 clean, 1 violations.
Compiles through ccache where it is installed, so that a second run costs little.
"""

import argparse
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import gatelib

FOLDERS = ("engine/", "sim/", "net/", "node/")
DEFINES = ["-DBOOST_ASIO_SEPARATE_COMPILATION", "-DBOOST_BEAST_SEPARATE_COMPILATION", "-DBOOST_ASIO_NO_DEPRECATED"]


def check(root, build, header, scratch):
    """None, or what is wrong with one header."""
    if "#pragma once" not in gatelib.read(root, header):
        return f"{header}:1: no #pragma once"
    unit = pathlib.Path(scratch) / (header.replace("/", "_") + ".cpp")
    unit.write_text(f'#include "{header}"\n#include "{header}"\n')
    launcher = ["ccache"] if shutil.which("ccache") else []
    command = launcher + ["g++", "-std=c++20", "-O0", "-Wall", "-Wextra", f"-I{root}", "-isystem",
                          str(build / "generated"), *DEFINES, "-c", str(unit), "-o", str(unit.with_suffix(".o"))]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        return f"{header}:1: does not compile alone\n{result.stderr.strip()[:1500]}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, default=gatelib.repository_root())
    parser.add_argument("--build", type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("headers", nargs="*")
    args = parser.parse_args()
    build = args.build or args.root / "build" / "release"
    headers = args.headers or [name for name in gatelib.cpp_files(args.root)
                               if name.endswith(".hpp") and name.startswith(FOLDERS)]
    # A fixed scratch folder: ccache hashes the name of the unit.
    scratch = pathlib.Path(tempfile.gettempdir()) / f"mpreg_headers_{os.getuid()}"
    scratch.mkdir(exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        found = list(pool.map(lambda header: check(args.root, build, header, scratch), headers))
    shutil.rmtree(scratch, ignore_errors=True)
    bad = [message for message in found if message]
    print("\n".join(bad + [f"headers: {len(headers)} headers, {len(bad)} violations"]))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
