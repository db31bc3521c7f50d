"""Hypothesis strategies: worlds, workloads and faults, drawn and shrunk as plans.

    @given(strategies.plans())
    def test_everybody_agrees_again(plan):
        mpreg.run_plan(plan).check()

A failing example is a small plan, and the message of ViolationError the command that replays it. Needs
python3-hypothesis. Smaller draws are milder: fewer nodes, fewer faults, shorter ones, a mesh, no loss.
"""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from mpreg.plan import Plan
from mpreg.world import TOPOLOGIES

#: What `faults` draws from; "leave" as well where somebody asks. (Who is told no address, like the middle of a star, is
#: not found again after a goodbye: nobody dials those who left.)
FAULTS = ("crash", "pause", "partition", "one-way", "clog", "slow", "reset", "jump", "drift", "wall-clock", "disk", "hostile",
          "liar", "version", "upgrade")

#: Short pauses between dials, silent paths given up soon: the bound of plans() is the sum over these.
_SETTINGS = ("set membership.dial_backoff_max=2s membership.redial_interval=1s membership.reconnect_grace=1s "
             "membership.suspicion_max_factor=2")
#: After the last fault: a silent path given up 3 s, a dial 1 s and its longest pause 2.5 s, grace and redial 2.25 s, a
#: suspicion under way 8 s, news and refutation 8 s, verification 2 s, repair by gossip 4 s; and half as much again.
_BOUND = 46


def spans(low_ms: int, high_ms: int, step_ms: int = 100) -> st.SearchStrategy[str]:
    """"1500ms", in steps; shrinks towards the shortest."""
    return st.integers(0, (high_ms - low_ms) // step_ms).map(lambda steps: f"{low_ms + steps * step_ms}ms")


def shares(high_percent: int) -> st.SearchStrategy[str]:
    """"3%"; shrinks towards none."""
    return st.integers(0, high_percent).map(lambda percent: f"{percent}%")


def clusters(nodes: int, topologies: Sequence[str] = TOPOLOGIES) -> st.SearchStrategy[str]:
    """The step that says how so many processes are told of each other."""
    def step(topology: str, start: str) -> str:
        more = {"multihub": f" hubs={min(2, nodes)}", "random": " degree=2"}.get(topology, "")
        return f"cluster nodes={nodes} topology={topology}{more} start={start}"
    return st.builds(step, st.sampled_from(list(topologies)), spans(0, 2000))


def links() -> st.SearchStrategy[str]:
    """The step that says how links behave: latency up to 40 ms, some loss and duplicates."""
    def step(latency: int, shape: str, loss: str, duplicate: str) -> str:
        return f"link latency=1ms..{latency}ms shape={shape} loss={loss} duplicate={duplicate} break=3s dial-timeout=1s"
    return st.builds(step, st.sampled_from([1, 5, 20, 40]),
                     st.sampled_from(["uniform", "constant", "exponential", "lognormal"]), shares(3), shares(2))


def workloads(nodes: int) -> st.SearchStrategy[list[str]]:
    """Steps of functions, workers and calls, or none."""
    one = st.builds(
        lambda function, on, rate, idempotent: [
            f"functions {function} on={on}", f"calls rate={rate}/s function={function} idempotent={idempotent} start=4s"],
        st.sampled_from(["add", "echo2", "mul"]), node_sets(nodes), st.integers(1, 10), st.sampled_from(["yes", "no"]))
    workers = st.builds(
        lambda count, at: [f"workers count={count} functions=sleep at={at}", "calls rate=2/s function=sleep start=5s"],
        st.integers(1, 3), node_sets(nodes))
    return st.lists(st.one_of(one, workers), max_size=2).map(lambda parts: [step for part in parts for step in part])


def node_sets(nodes: int, most: int | None = None) -> st.SearchStrategy[str]:
    """"n1,n4": some of so many."""
    chosen = st.sets(st.integers(1, nodes), min_size=1, max_size=most or nodes)
    return chosen.map(lambda numbers: ",".join(f"n{number}" for number in sorted(numbers)))


def disks(forgetful: bool = True) -> st.SearchStrategy[str]:
    """How a disk misbehaves: slow, full, damaged, failing or, where it may forget what it had confirmed, lying."""
    ways = [spans(50, 2000, 50).map(lambda span: f"slow={span}"), st.just("full"), st.just("damaged"),
            st.integers(1, 9).map(lambda tenths: f"failure={tenths}0%")]
    return st.one_of(*ways, *([st.just("lying")] if forgetful else []))


@st.composite
def enemies(draw: st.DrawFn, nodes: int, begin: float = 8.0, end: float = 30.0,
            kinds: Sequence[str] = ("hostile", "liar")) -> str:
    """A stranger or a member that sends bad frames, or a member that lies about others and their records."""
    kind = draw(st.sampled_from(list(kinds)))
    member = f"n{draw(st.integers(1, nodes))}"
    who = draw(st.sampled_from(["stranger", member])) if kind == "hostile" else member
    lies = f" lies={draw(st.sampled_from(['repeated', 'recorded', 'accused']))}" if kind == "liar" else ""
    at = draw(spans(round(begin * 1000), round(end * 1000) - 2000))
    lasting = draw(spans(500, round(end * 1000) - int(at[:-2])))
    return f"{kind} {who}{lies} rate={draw(st.integers(1, 20))}/s from={at} to={int(at[:-2]) + int(lasting[:-2])}ms"


@st.composite
def faults(draw: st.DrawFn, nodes: int, begin: float = 8.0, end: float = 30.0,
           kinds: Sequence[str] = FAULTS, forgetful: bool = True) -> str:
    """One fault that is over by `end`: a step, or two lines of them where it shows in the next life only. A disk stays as
    it is until the liveness phase. `forgetful`: disks may lose what they had confirmed; not together with "wall-clock",
    which a node survives by what it remembers. Requires: at least two nodes."""
    kind = draw(st.sampled_from(list(kinds)))
    if kind in ("hostile", "liar"):
        return draw(enemies(nodes, begin, end, [kind]))
    if kind == "version":
        return f"version {draw(node_sets(nodes))} minor={draw(st.integers(1, 9))}"
    at = draw(spans(round(begin * 1000), round(end * 1000) - 2000))
    if kind in ("disk", "wall-clock"):
        node = f"n{draw(st.integers(1, nodes))}"
        how = draw(disks(forgetful)) if kind == "disk" else f"back={draw(st.integers(1, 3600))}s"
        return f"at {at} {kind} {node} {how}\nat {int(at[:-2]) + 500}ms crash {node} silent for={draw(spans(100, 1400))}"
    if kind == "upgrade":
        every = (round(end * 1000) - int(at[:-2]) - 1000) // nodes
        return (f"at {at} upgrade {draw(node_sets(nodes))} minor={draw(st.integers(0, 9))} every={every}ms "
                f"down={draw(spans(100, 1000))}")
    left = round(end * 1000) - int(at[:-2])
    lasting = f"for={draw(spans(100, min(left, 15000)))}"
    if kind in ("partition", "one-way"):
        some = draw(st.sets(st.integers(1, nodes), min_size=1, max_size=nodes - 1))
        groups = [",".join(f"n{number}" for number in group)
                  for group in (sorted(some), [number for number in range(1, nodes + 1) if number not in some])]
        return f"at {at} {kind} {groups[0]} | {groups[1]} {lasting}"
    who = draw(node_sets(nodes, max(1, nodes // 2)))
    words = {
        "crash": draw(st.sampled_from([lasting, f"silent {lasting}", *([f"silent empty {lasting}"] if forgetful else [])]))
        if kind == "crash" else "",
        "leave": f"reason={draw(st.sampled_from(['shutdown', 'maintenance']))} {lasting}" if kind == "leave" else "",
        "slow": f"delay={draw(spans(10, 500, 10))} {lasting}" if kind == "slow" else "",
        "jump": f"by={draw(spans(100, 3000))}" if kind == "jump" else "",
        "drift": f"+{draw(st.integers(1, 5))}% drawn" if kind == "drift" else "",
        "reset": "",
    }.get(kind, lasting)
    return f"at {at} {kind} {who} {words}".strip()


@st.composite
def plans(draw: st.DrawFn, nodes: tuple[int, int] = (2, 9), most_faults: int = 6, kinds: Sequence[str] = FAULTS,
          demands: Sequence[str] | None = None, name: str = "property") -> Plan:
    """A whole plan: a world, a workload, faults until 30 s, then liveness. By default everybody must agree again within
    the bound that follows from the settings; `demands` are other steps in its place."""
    least, most = nodes
    if not 2 <= least <= most:
        raise ValueError(f"nodes: expected 2 <= least <= most, found {nodes!r}")
    count = draw(st.integers(least, most))
    steps = [draw(clusters(count)), draw(links()), _SETTINGS, *draw(workloads(count))]
    forgetful = "wall-clock" not in kinds or (len(kinds) > 1 and draw(st.booleans()))
    kinds = [kind for kind in kinds if not forgetful or kind != "wall-clock"]
    steps += sorted(draw(st.lists(faults(count, kinds=kinds, forgetful=forgetful), max_size=most_faults)), key=_moment)
    steps.append("at 32s phase liveness")
    steps += [f"at {32 + _BOUND}s expect converged within=3s agreement=visible"] if demands is None else demands
    steps.append(f"run for={32 + _BOUND + 5}s seed={draw(st.integers(0, 2**32 - 1))}")
    return Plan("\n".join(steps), name)


def _moment(step: str) -> int:
    return int(step.split(" ")[1].removesuffix("ms")) if step.startswith("at ") else 0
