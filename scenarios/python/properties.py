#!/usr/bin/python3
"""Properties of a cluster, tried on plans that Hypothesis draws and, when one fails, makes small.

The first holds: whatever happened until 30 s, once faults are over everybody agrees within the bound. The second is too
strong, for a node that stands still long enough is given up; run it (--wrong) to see the smallest plan and the
command that replays it.
"""

import argparse
import sys

from hypothesis import HealthCheck, Phase, given, settings

import mpreg
from mpreg import strategies

NO_EVICTION = ["expect no-eviction"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--wrong", action="store_true", help="try the property that does not hold")
    parser.add_argument("--out", default="artifacts", help="folder of the plan that fails")
    args = parser.parse_args()
    usual = settings(max_examples=args.examples, deadline=None, database=None, derandomize=True,
                     suppress_health_check=list(HealthCheck), phases=(Phase.generate, Phase.shrink))

    @usual
    @given(strategies.plans())
    def everybody_agrees_again(plan):
        mpreg.run_plan(plan, artifacts=args.out).check()

    @usual
    @given(strategies.plans(nodes=(3, 6), kinds=["pause", "clog", "crash"], demands=NO_EVICTION, name="no_eviction"))
    def nobody_who_runs_is_given_up(plan):
        mpreg.run_plan(plan, artifacts=args.out).check()

    claim = nobody_who_runs_is_given_up if args.wrong else everybody_agrees_again
    try:
        claim()
    except mpreg.ViolationError as error:
        print(f"{claim.__name__}: does not hold\n{error}\n\nthe smallest plan found:")
        print(mpreg.read_artifact(error.plan_path).plan, end="")
        return 1
    print(f"{claim.__name__}: {args.examples} plans, all held")
    return 0


if __name__ == "__main__":
    sys.exit(main())
