"""mpreg: the simulator of the fabric, for scripts.

    import mpreg

    world = mpreg.World(seed=7, nodes=9, topology="star")
    world.link(latency=(0.001, 0.020), loss=0.01)
    world.run_until(mpreg.converged, timeout=30)
    world.partition("n1..n4", "n5..n9", lasting=20)
    world.run_for(60)
    report = world.finish().check()

Every run is the run of a plan (`world.plan`): the same plan and seed give the same events in every build, from Python and
from `mpreg sim run`. Times are seconds, shares are fractions, nodes are "n3", 3, "n1..n9" or a list of these. Nothing
here is global: a process may hold as many worlds as it likes, each used by one thread at a time.

docs/PYTHON.md is the guide, docs/SCENARIOS.md the language of plans.
"""

from mpreg._core import build_id
from mpreg.errors import NotReached, SimulationError, ViolationError
from mpreg.history import History, Judgement, Operation, judge
from mpreg.plan import Artifact, Plan, Step, read_artifact, swarm_plan
from mpreg.report import Report, Violation
from mpreg.shrink import shrink
from mpreg.sweep import Outcome, run_plan, sweep
from mpreg.world import TOPOLOGIES, Call, Event, Member, NodeState, Record, World, converged

__all__ = [
    "TOPOLOGIES", "Artifact", "Call", "Event", "History", "Judgement", "Member", "NodeState", "NotReached", "Operation",
    "Outcome", "Plan", "Record", "Report", "SimulationError", "Step", "Violation", "ViolationError", "World", "build_id",
    "converged", "judge", "read_artifact", "run_plan", "shrink", "swarm_plan", "sweep",
]
