#!/usr/bin/python3
"""Reads the symbols of the engine and sim archives: nothing in them may reach for a clock, a socket, a file, a
thread, the environment or entropy. A link test would not see it: all of these are in libc.

Usage: check_symbols.py [--build DIR] [ARCHIVE...]    Exit: 0 clean, 1 violations, 2 nothing to check.
"""

import argparse
import pathlib
import re
import subprocess
import sys

import gatelib

# What an undefined symbol gives away. C names are compared whole, C++ names (demangled) as a prefix.
DENIED = [
    ("a clock", r"(?:clock|clock_gettime|gettimeofday|time|times|ftime|timespec_get|localtime(?:_r)?|gmtime(?:_r)?|"
                r"strftime|mktime)$|std::chrono::.*_clock::now"),
    ("entropy", r"(?:getrandom|getentropy|rand|rand_r|srand|random|srandom|drand48|lrand48|arc4random\w*)$|"
                r"std::random_device|randombytes"),
    ("a thread", r"(?:pthread_\w+|sem_\w+|thrd_\w+|mtx_\w+|sched_yield|nanosleep|clock_nanosleep|usleep|sleep|fork)$|"
                 r"std::(?:thread|mutex|condition_variable|this_thread|__atomic_futex)|std::_V2::condition_variable"),
    ("a socket", r"(?:socket|socketpair|connect|bind|listen|accept4?|send|sendto|sendmsg|recv|recvfrom|recvmsg|"
                 r"getaddrinfo|poll|ppoll|select|epoll_\w+|timerfd_\w+|eventfd|io_uring_\w+)$|boost::asio"),
    ("a file", r"(?:open(?:at)?(?:64)?|creat|fopen(?:64)?|fdopen|read|pread(?:64)?|write|pwrite(?:64)?|fsync|fdatasync|"
               r"mmap(?:64)?|unlink|rename|mkdir|opendir|stat|fstat|lseek(?:64)?)$|"
               r"std::(?:basic_[io]?fstream|basic_filebuf|filesystem)"),
    ("the environment", r"(?:getenv|secure_getenv|setenv|environ|setlocale|system|getpid|gethostname)$"),
]
DENIED = [(what, re.compile(pattern)) for what, pattern in DENIED]
# What only tests may switch on: neither the engine's parts nor the real world name it.
TEST_ONLY = re.compile(r"mpreg::runtime::Driver::(?:set_rarity|reseed)|mpreg::planted")
TEST_ONLY_MAY = {"libmpreg_sim.a"}
# Header-only libraries leave their code behind as defined symbols.
DENIED_DEFINED = re.compile(r"boost::asio|boost::beast|spdlog::")

LINE = re.compile(r"^(?:[0-9a-f]+)?\s*([A-Za-z?])\s+(.*)$")


# Archives that may reach into the world, but not switch on what is for tests.
OUTSIDE = {"libmpreg_net.a", "libmpreg_node.a", "libmpreg_lab.a"}


def archives_of(build):
    """The archives of a build folder, in name order, without libraries of others and helpers of tests."""
    others = {"libmpreg_asio.a", "libmpreg_test_support.a", "libmpreg_test_pch.a", "libmpreg_bench_support.a",
              "libmpreg_schema.a"}
    return [path for path in sorted(build.glob("libmpreg_*.a")) if path.name not in others]


def violations(archive):
    listing = subprocess.run(["nm", "-C", str(archive)], check=True, capture_output=True, text=True).stdout
    member = "?"
    for line in listing.splitlines():
        if line.endswith(":"):
            member = line[:-1]
            continue
        match = LINE.match(line)
        if not match:
            continue
        kind, symbol = match.group(1), match.group(2).split("@")[0]
        if kind in "Uw" and TEST_ONLY.match(symbol) and archive.name not in TEST_ONLY_MAY:
            yield f"{archive.name}({member}): '{symbol}' is for tests only"
        if archive.name in OUTSIDE:
            continue
        if kind in "Uw":
            for what, pattern in DENIED:
                if pattern.match(symbol):
                    yield f"{archive.name}({member}): '{symbol}' reaches for {what}: use the Turn or a port"
        elif DENIED_DEFINED.search(symbol):
            yield f"{archive.name}({member}): '{symbol}' is code of a library that belongs in net/ or node/"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=gatelib.repository_root() / "build" / "release")
    parser.add_argument("archives", nargs="*", type=pathlib.Path)
    args = parser.parse_args()
    archives = args.archives or archives_of(args.build)
    if not archives:
        print(f"symbols: no archive in {args.build}: build first (cmake --build --preset release)")
        return 2
    bad = [message for archive in archives for message in violations(archive)]
    for message in sorted(set(bad)):
        print(message)
    print(f"symbols: {len(archives)} archives, {len(set(bad))} violations")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
