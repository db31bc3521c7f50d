#!/usr/bin/python3
"""A checker of one's own finds a fault: no catalog may name the functions of a worker that is long gone.

Workers come and go; the checker remembers when each went. With the package as it is nothing is found. With a deliberate
fault of tests/planted (a build of the tests, never shipped) the first seed that shows it is printed with its plan:

    MPREG_PLANTED=tombstone_dropped PYTHONPATH=build/release/tests/python scenarios/python/find_fault.py
"""

import argparse
import sys

import mpreg

# A call meets the silent worker within a second, its node gives the path up 10 s later, and what a lost push did not bring
# the rounds of gossip do: 4 s. One more for the rhythm of the checker.
GRACE = 16.0


class NoGhosts:
    """Functions of workers that have been down for GRACE are in no catalog."""

    def __init__(self):
        self.gone = {}  # The life of each worker that ended, and since when.

    def __call__(self, world):
        for worker in world.workers_state:
            if worker.state == "running":
                self.gone.pop(worker.name, None)
            elif worker.life > self.gone.get(worker.name, (0, 0))[0]:
                self.gone[worker.name] = (worker.life, world.now)
        ghosts = {f"mul.{name}" for name, (life, since) in self.gone.items() if world.now - since > GRACE}
        if not ghosts:
            return None
        for node in world.nodes:
            if node.is_serving and node.started_at < world.now - GRACE:
                seen = ghosts & {record.name for record in world.catalog(node.name)}
                if seen:
                    return f"{node.name} still offers {', '.join(sorted(seen))}"
        return None


def run(seed: int) -> mpreg.Report:
    world = mpreg.World(seed, nodes=6, name="ghosts")
    world.link(latency=(0.001, 0.020), loss=0.02)
    world.workers(4, "mul", own=True)
    world.calls("mul", rate=20, begin=3)
    world.churn_workers(begin=5, end=50, every=3, down=(20, 40), silent=0.5)
    world.checker(NoGhosts(), name="no_ghosts")
    return world.run(90)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--out", default="artifacts", help="folder of the plan that fails")
    parser.add_argument("--shrink", type=float, default=20.0, help="seconds given to making the plan small")
    args = parser.parse_args()
    for seed in range(1, args.seeds + 1):
        report = run(seed)
        if not report.passed:
            path = report.save(f"{args.out}/ghosts-{seed}.scn")
            print(report)
            print(f"the plan, {len(report.plan)} steps: {path}\nreplay: mpreg sim replay {path}")
            small = mpreg.shrink(report.plan, prepare=lambda world: world.checker(NoGhosts(), name="no_ghosts"),
                                 timeout=args.shrink)
            print(f"the smallest that fails so, {len(small.plan)} steps:\n{small.plan}", end="")
            return 1
    print(f"{args.seeds} seeds, nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
