#!/usr/bin/python3
"""Runs the README's own commands: every ```sh block that follows a line `<!-- run -->`.

A block is one `sh -e` script, run from the repository root without stdin; a line may start with `$ `.
Usage: check_readme.py [--root DIR] [--file README.md]    Exit: 0 all ran, 1 a block failed, 2 no block marked.
"""

import argparse
import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import gatelib

BLOCK = re.compile(r"^<!-- run -->[ \t]*\n+```(?:sh|bash|console)[ \t]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
SECONDS_MAX = 900


def blocks(text):
    """(line number, script) of each marked block."""
    for match in BLOCK.finditer(text):
        script = re.sub(r"^\$ ", "", match.group(1), flags=re.MULTILINE)
        yield text.count("\n", 0, match.start(1)) + 1, script


def run(root, script):
    """(exit code, output). The whole process group ends with the block."""
    process = subprocess.Popen(["sh", "-e", "-c", script], cwd=root, stdin=subprocess.DEVNULL, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        output, _ = process.communicate(timeout=SECONDS_MAX)
        return process.returncode, output
    except subprocess.TimeoutExpired:
        return 124, f"still running after {SECONDS_MAX} s"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=pathlib.Path, default=gatelib.repository_root())
    parser.add_argument("--file", default="README.md")
    args = parser.parse_args()
    found = list(blocks(gatelib.read(args.root, args.file))) if (args.root / args.file).is_file() else []
    if not found:
        print(f"readme: {args.file} has no block marked <!-- run -->")
        return 2
    failed = 0
    for line, script in found:
        if "tools/test" in script:
            print(f"{args.file}:{line}: a marked block may not run tools/test, which runs this gate")
            failed += 1
            continue
        begin = time.monotonic()
        code, output = run(args.root, script)
        print(f"{args.file}:{line}: {'ok' if code == 0 else f'exit {code}'} in {time.monotonic() - begin:.1f} s")
        if code != 0:
            failed += 1
            print(script.rstrip() + "\n---- output\n" + output[-4000:].rstrip())
    print(f"readme: {len(found)} blocks, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
