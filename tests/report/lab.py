"""Runs `mpreg sim` for the tests of reports and exports. MPREG_BINARY names the program."""

import collections
import os
import pathlib
import subprocess
import tempfile

MPREG = os.environ.get("MPREG_BINARY", str(pathlib.Path(__file__).resolve().parents[2] / "build/release/mpreg"))
SCENARIOS = pathlib.Path(__file__).resolve().parents[2] / "scenarios"

# Something of everything: loss, copies, damage, a partition, a crash, a pause that breaks the promise.
STORMY = """\
cluster nodes=6 start=0s
link latency=1ms..20ms jitter=2ms loss=3% duplicate=3% corrupt=1%
functions add echo2 on=n1,n2
workers count=1 functions=mul at=n3
calls rate=6/s function=add from=all idempotent=yes start=2s stop=36s
at 5s partition n1,n2 | n3..n6 for=4s
at 14s crash n4 silent for=4s
at 20s pause n2 for=15s
run for=40s seed=3
expect no-eviction of=n2
"""


def tracks_of(events):
    """Begins and ends of the slices of trace events, by process and track: in whole nanoseconds, for sums of the written
    microseconds are not exact."""
    tracks = collections.defaultdict(list)
    for event in events:
        if event["ph"] == "X":
            begin, span = (round(event[key] * 1000) for key in ("ts", "dur"))
            tracks[event["pid"], event["tid"]].append((begin, begin + span))
    return tracks


def is_nested(slices):
    """Whether no slice of a track ends inside another one that it did not begin in."""
    ends = []
    for begin, end in sorted(slices, key=lambda span: (span[0], -span[1])):
        while ends and ends[-1] <= begin:
            ends.pop()
        if ends and end > ends[-1]:
            return False
        ends.append(end)
    return True


class Lab:
    """A folder with plans and what was made of them; use as a context."""

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="mpreg_report_")
        self.root = pathlib.Path(self._folder.name)
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    def plan(self, text=STORMY, name="stormy"):
        path = self.root / f"{name}.scn"
        path.write_text(text)
        return path

    def sim(self, *arguments, code=0):
        """stdout as bytes, and stderr as text; the exit code is demanded."""
        done = subprocess.run([MPREG, "sim", *map(str, arguments)], cwd=self.root, capture_output=True, check=False)
        if done.returncode != code:
            raise AssertionError(f"exit {done.returncode}, expected {code}: {done.stderr.decode()}")
        return done.stdout, done.stderr.decode()

    def export(self, form, *arguments, plan=None):
        return self.sim("export", plan or self.plan(), "--format", form, "-o", "-", *arguments)[0]
