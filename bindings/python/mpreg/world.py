"""A simulated world that a script builds, runs and looks into."""

from __future__ import annotations

import contextlib
import os
import weakref
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from mpreg import _core, units
from mpreg.errors import NotReached, how_to_repeat
from mpreg.history import History
from mpreg.plan import Plan
from mpreg.report import Report, Violation
from mpreg.units import Nodes, Span
from mpreg.verbs import StepText, Verbs

TOPOLOGIES = ("mesh", "star", "ring", "line", "tree", "multihub", "random")
_EVENTS = ("member", "process", "fault", "violation")
_SECOND = 1_000_000_000
_SLICE = _SECOND  # Signals are served after each of these.
_EVENT_SLICE = _SECOND // 10
_LENGTH = 60 * _SECOND  # Of a plan that does not say.


class Member(NamedTuple):
    """A member as a node sees it."""

    state: str  #: "alive", "suspect", "dead" or "left".
    incarnation: int


class Record(NamedTuple):
    """A catalog record as a node sees it."""

    owner: str
    kind: str  #: "function" and others.
    name: str
    key: tuple[str, ...]  #: With the name: what tells it from others of its owner.
    version: int


class NodeState(NamedTuple):
    """A simulated host and the process on it."""

    name: str
    state: str  #: "down", "running" or "paused".
    is_serving: bool  #: It runs and takes commands.
    life: int  #: Processes so far; 0 before the first.
    incarnation: int | None
    waiting: int  #: Inputs that wait while it stands still.
    timers: int
    executing: int  #: Calls that user code works on.
    started_at: float | None  #: Seconds; of the last life.


class Call(NamedTuple):
    """A call of a workload, as a function served in Python gets it."""

    function: str
    left: int
    right: int
    node: str  #: Who serves it: a node or a worker.
    at: float


Handler = Callable[[Call], "str | int | bytes"]


class Event(NamedTuple):
    """Something that happened: see World.subscribe."""

    kind: str
    at: float
    node: str | None
    detail: dict[str, Any]


def converged(world: World) -> bool:
    """All running nodes agree on members and catalog: a predicate for World.run_until."""
    return world.difference() is None


class World(Verbs):
    """A cluster of simulated nodes. Everything follows from the seed and the plan that the calls write.

    Between two calls the world stands right before `now`; a step without `at` happens then. A world is for one thread;
    others go on while it runs, because the interpreter's lock is free meanwhile.
    """

    def __init__(self, seed: int = 1, nodes: int = 3, topology: str = "mesh", *, hubs: int | None = None,
                 degree: int | None = None, start: Span | None = None, clocks: Span | None = None,
                 service: Span | tuple[Span, Span] | None = None, durable: bool = True, strangers: int | None = None,
                 name: str = "script", history: bool = False, artifacts: str | os.PathLike[str] = "artifacts"):
        """`nodes` processes, each told addresses as the topology says; `artifacts`: where a failure leaves its plan."""
        if topology not in TOPOLOGIES:
            raise ValueError(f"topology: expected one of {', '.join(TOPOLOGIES)}, found {topology!r}")
        self._begin_plan(Plan("", name), seed, history, artifacts)
        step = StepText("cluster").settings(units.count, nodes=nodes).settings(units.word, topology=topology)
        step.settings(units.count, hubs=hubs, degree=degree, strangers=strangers)
        step.settings(units.span, start=start, clocks=clocks).settings(units.spans, service=service)
        self._add(step.setting("durable", None if units.flag(durable, "durable") == "yes" else "no"))

    @classmethod
    def from_plan(cls, plan: Plan, seed: int | None = None, *, functions: Mapping[str, Handler] | None = None,
                  history: bool = False, artifacts: str | os.PathLike[str] = "artifacts") -> World:
        """A world that begins with the steps of a plan; without a seed the plan's own counts.

        `functions`: those of the plan that are served in Python, by name: see World.function.
        """
        if not isinstance(plan, Plan):
            raise TypeError(f"plan: expected a Plan, found {plan!r}")
        world = cls.__new__(cls)
        world._begin_plan(plan, plan.seed if seed is None else seed, history, artifacts, functions)
        return world

    def _begin_plan(self, plan: Plan, seed: int, history: bool, artifacts: str | os.PathLike[str],
                    functions: Mapping[str, Handler] | None = None) -> None:
        units.seed(seed)
        units.flag(history, "history")
        # What users bring along is kept here. The compiled half has closures that know this world by a weak reference:
        # it lies beyond the collector of cycles, and functions often mention their world.
        self._handlers: dict[str, Handler] = {}
        self._checkers: list[Callable[..., object]] = []
        served = {name: self._served(name, handler, "functions", "functions") for name, handler in (functions or {}).items()}
        try:
            self._core = _core.World(plan.name, str(plan), seed, history, served)
        except ValueError as error:
            raise ValueError(f"plan: {plan.name}:{error}") from None
        self._name = plan.name
        self._seed = seed
        self._artifacts = os.fspath(artifacts)
        self._subscribers: list[tuple[Callable[[Event], object], frozenset[str]]] = []
        self._seen: dict[str, Any] = {}

    def _add(self, step: StepText) -> None:
        try:
            self._core.step(str(step))
        except ValueError as error:
            raise step.blame(error) from None

    def step(self, text: str) -> None:
        """One step as a plan writes it: world.step("at 10s crash n3 for=5s")."""
        if not isinstance(text, str):
            raise TypeError(f"text: expected a step of a plan, found {text!r}")
        try:
            self._core.step(text)
        except ValueError as error:
            raise ValueError(f"text: {error}") from None

    def function(self, name: str, handler: Handler | None = None):
        """Serves a function in Python, before the world begins: offer(name), workers(1, name), calls(name). Also a decorator.

        `handler(call)` gets a Call and returns a text, bytes or a number; what it raises becomes `handler_failed`. The
        run repeats exactly if the handler answers equal calls equally: no clock, no chance but the world's. A plan that
        names it needs it again: run_plan(plan, functions={name: handler}).
        """
        units.word(name, "name")
        if handler is None:
            return lambda decorated: self.function(name, decorated)
        if self._core.has_begun:
            raise RuntimeError("functions are brought along before the world begins")
        self._core.add_function(name, self._served(name, handler, "name", "handler"))
        return handler

    def _served(self, name: str, handler: Handler, name_argument: str, handler_argument: str) -> Callable[..., bytes]:
        if "." in units.word(name, name_argument) or _core.is_built_in(name):
            raise ValueError(f"{name_argument}: expected a name of your own without a dot, found {name!r}")
        if not callable(handler):
            raise TypeError(f"{handler_argument}: expected a function of a call, found {handler!r}")
        self._handlers[name] = handler
        me = weakref.ref(self)

        def serve(function: str, left: int, right: int, place: int, at: int) -> bytes:
            world = me()
            answer = world._handlers[name](Call(function, left, right, world._place(place), at / 1e9))
            return answer if isinstance(answer, bytes) else str(answer).encode()

        return serve

    def _place(self, number: int) -> str:
        """The name of a place in the network: nodes, then workers, then strangers."""
        nodes, workers = self._core.size, self._core.worker_count
        if number <= nodes:
            return f"n{number}"
        return f"w{number - nodes}" if number <= nodes + workers else f"stranger{number - nodes - workers}"

    # --- running --------------------------------------------------------------------------------

    @property
    def seed(self) -> int:
        return self._seed

    @property
    def now(self) -> float:
        """Simulated seconds since the world began."""
        return self._core.now / 1e9

    @property
    def plan(self) -> Plan:
        """What was executed so far. Run again it gives the same trace hash.

        It ends with the last moment that has happened: `now` once the run is over, else right before it. What is judged
        at the end is not judged yet then.
        """
        return Plan(self._core.plan(), self._name)

    @property
    def is_over(self) -> bool:
        return self._core.is_over

    def run_for(self, seconds: Span) -> None:
        """Lets so much simulated time pass."""
        self._run_to(self._core.now + units.nanos(seconds, "seconds"))

    def run_to(self, at: Span) -> None:
        """Runs until right before a moment."""
        moment = units.nanos(at, "at")
        if moment < self._core.now:
            raise ValueError(f"at: expected nothing before {self.now:g} s, found {at!r}")
        self._run_to(moment)

    def run_until(self, predicate: Callable[[World], object], timeout: Span = 60.0, *, every: Span = 0.1) -> float:
        """Runs until the predicate is true, asked now and at each `every`; how many seconds that took.

        Raises NotReached after `timeout` simulated seconds: the run is over then, and its plan is on disk.
        """
        if not callable(predicate):
            raise TypeError(f"predicate: expected a function of the world, found {predicate!r}")
        step, begin = units.nanos(every, "every"), self._core.now
        end = begin + units.nanos(timeout, "timeout")
        if step == 0:
            raise ValueError("every: expected more than nothing")
        self._run_to(begin)
        while True:
            with self._telling():
                if predicate(self):
                    return (self._core.now - begin) / 1e9
            if self._core.now >= end:
                break
            self._run_to(min(self._core.now + step, end))
        name = getattr(predicate, "__name__", repr(predicate))
        message = f"{name} was not reached within {(end - begin) / 1e9:g} s"
        self.violate(message, check="not_reached")
        raise NotReached(message, self.seed, self._leave(), tuple(self._handlers))

    def run(self, length: Span | None = None) -> Report:
        """Runs to the end and closes the accounts: `length`, else what the plan says (run for=), else 60 s."""
        planned = self._core.planned_length
        end = units.nanos(length, "length") if length is not None else _LENGTH if planned is None else planned
        self._run_to(max(end, self._core.now))
        return self.finish()

    def finish(self) -> Report:
        """Ends the run now, closes the accounts, and says what came of it."""
        if not self._core.is_over:
            with self._telling():
                self._core.finish()
                self._tell()
        return self.report()

    def _run_to(self, moment: int) -> None:
        with self._telling():
            self._core.begin()
            while self._core.now < moment:
                length = _EVENT_SLICE if self._subscribers else _SLICE
                self._core.run_to(min(moment, (self._core.now // length + 1) * length))
                self._tell()

    @contextlib.contextmanager
    def _telling(self):
        """Code of the script that fails ends the run; the exception says how to see that again."""
        try:
            yield
        except Exception as error:
            if not hasattr(error, "plan_path") and self._core.has_begun:
                error.seed, error.plan_path = self.seed, self._leave()
                error.add_note(f"in a simulated world, seed {self.seed}, plan {error.plan_path}, "
                               f"{how_to_repeat(error.plan_path, tuple(self._handlers))}")
            raise

    def _leave(self) -> str:
        """Ends the run and leaves its artifact."""
        if not self._core.is_over:
            with contextlib.suppress(Exception):
                self._core.finish()
        return str(self.report().save())

    # --- looking --------------------------------------------------------------------------------

    def report(self) -> Report:
        """The figures so far; what is judged at the end is not judged before `finish`."""
        found = self._core.report()
        at = found["converged_ns"]
        return Report(
            plan=self.plan, seed=found["seed"], nodes=found["nodes"], simulated=found["simulated_ns"] / 1e9,
            events=found["events"], turns=found["turns"], messages=found["messages"], bytes=found["bytes"],
            trace_hash=found["trace_hash"], converged_at=None if at is None else at / 1e9,
            violation_count=found["violation_count"], violations=tuple(self.violations), calls=found["calls"],
            faults=self.faults(), coverage=self.coverage(), artifact=self._core.artifact(), artifacts=self._artifacts,
            functions=tuple(self._handlers))

    @property
    def violations(self) -> list[Violation]:
        """Promises that did not hold, the first hundred."""
        return [_violation_of(found) for found in self._core.violations()]

    @property
    def node_names(self) -> list[str]:
        return [f"n{number}" for number in range(1, self._core.size + 1)]

    @property
    def nodes(self) -> list[NodeState]:
        return [self.node(number) for number in range(1, self._core.size + 1)]

    def node(self, node: str | int) -> NodeState:
        """The host of a node and the process on it."""
        number = units.number_of(node, "node")
        return _state_of(f"n{number}", self._core.node(number))

    @property
    def workers_state(self) -> list[NodeState]:
        return [_state_of(f"w{number}", self._core.worker(number)) for number in range(1, self._core.worker_count + 1)]

    def members(self, node: str | int) -> dict[str, Member]:
        """Whom a node knows; nobody while it is down."""
        found = self._core.members(units.number_of(node, "node"))
        return {name: Member(state, incarnation) for name, state, incarnation in found}

    def catalog(self, node: str | int, *, offered: bool = False) -> list[Record]:
        """The records a node would choose from, or those it offers itself."""
        found = self._core.records(units.number_of(node, "node"), offered)
        return [Record(owner, kind, key[0], key[1:], version) for owner, kind, key, version in found]

    def tables(self, node: str | int) -> dict[str, int]:
        """How full each table of a node's engine is."""
        return self._core.tables(units.number_of(node, "node"))

    def links(self, node: str | int) -> list[str]:
        """Who is at the other ends of a node's open links: nodes, then workers, then strangers ("stranger1")."""
        return [self._place(peer) for peer in sorted(set(self._core.links(units.number_of(node, "node"))))]

    def pending(self, node: str | int) -> list[str]:
        """Why a node is not at rest, in its own words."""
        return self._core.pending(units.number_of(node, "node"))

    def counters(self) -> dict[str, Any]:
        """Time, events, turns, messages, bytes, calls, and the trace hash so far. What ends in `_ns` are nanoseconds."""
        return self._core.report()

    def faults(self) -> dict[str, int]:
        """How often each kind of fault happened."""
        return self._core.faults()

    def coverage(self) -> dict[str, int]:
        """How often each rare state was passed."""
        return self._core.coverage()

    def difference(self) -> Violation | None:
        """The first thing in which running nodes do not agree, or None."""
        found = self._core.difference()
        return None if found is None else _violation_of(found)

    @property
    def history(self) -> History:
        """What clients did and saw so far: a copy. Requires World(history=True)."""
        written = self._core.history
        if written is None:
            raise ValueError("history: expected World(history=True)")
        return History(written)

    # --- watching -------------------------------------------------------------------------------

    def checker(self, function: Callable[..., object] | None = None, *, name: str | None = None, when: str = "quiet"):
        """Brings a checker along, before the world begins; also a decorator.

        `function(world)` is called at every quiet point (`watch`, 1 s) or, with when="end", when the run is over; with
        when="turn" `function(world, node)` is called after each turn of a node, which takes a microsecond or more each
        time. It returns None, or a text (or several) that says what is wrong; a failing assert says so as well.
        """
        if when not in _core.When.__members__:
            raise ValueError(f"when: expected quiet, turn or end, found {when!r}")
        if function is None:
            return lambda decorated: self.checker(decorated, name=name, when=when)
        if not callable(function):
            raise TypeError(f"function: expected a function of the world, found {function!r}")
        label = units.word(name or getattr(function, "__name__", "checker"), "name")
        me, index = weakref.ref(self), len(self._checkers)

        def call(node: int) -> object:
            world = me()
            return world._checkers[index](world, f"n{node}") if node else world._checkers[index](world)

        self._core.add_checker(label, getattr(_core.When, when), call)
        self._checkers.append(function)
        return function

    def violate(self, detail: str, *, check: str = "script", node: str | int | None = None) -> None:
        """Says that a promise did not hold: the run has failed."""
        number = 0 if node is None else units.number_of(node, "node")
        self._core.violate(units.word(check, "check"), number, units.text(detail, "detail"))

    def subscribe(self, callback: Callable[[Event], object], kinds: Iterable[str] = _EVENTS) -> None:
        """Calls back with what happened, in order, each 100 ms of simulated time: the world stands then, and may be acted on.

        Kinds: "member" (a node believes something else about another one), "process" (one ended or began), "fault"
        (some happened), "violation". Members and violations carry their moment; processes and faults are compared with
        the last time, so `at` is when the world was looked at, up to 100 ms later. Said before the world begins.
        """
        if not callable(callback):
            raise TypeError(f"callback: expected a function of an event, found {callback!r}")
        wanted = frozenset([kinds] if isinstance(kinds, str) else kinds)
        for kind in wanted:
            if kind not in _EVENTS:
                raise ValueError(f"kinds: expected some of {', '.join(_EVENTS)}, found {kind!r}")
        if "member" in wanted and not any("member" in known for _, known in self._subscribers):
            self._core.record_changes()
        elif self._core.has_begun:
            raise RuntimeError("who wants to hear of events says so before the world begins")
        self._subscribers.append((callback, wanted))

    def _tell(self) -> None:
        if not self._subscribers:
            return
        for event in sorted(self._news(), key=lambda event: event.at):
            for callback, kinds in self._subscribers:
                if event.kind in kinds:
                    callback(event)

    def _news(self) -> Iterable[Event]:
        wanted = frozenset().union(*(kinds for _, kinds in self._subscribers))
        if "member" in wanted:
            for at, observer, member, before, now, incarnation in self._core.take_changes():
                yield Event("member", at / 1e9, f"n{observer}",
                            {"member": f"n{member}", "before": before, "now": now, "incarnation": incarnation})
        if "process" in wanted:
            states = {node.name: node for node in (*self.nodes, *self.workers_state)}
            before = self._seen.get("states", {})
            for name, node in states.items():
                old = before.get(name)
                if node.life > 0 and (old is None or (old.state, old.life) != (node.state, node.life)):
                    yield Event("process", self.now, name, {"state": node.state, "life": node.life})
            self._seen["states"] = states
        if "fault" in wanted:
            faults = self.faults()
            before = self._seen.get("faults", {})
            for kind, number in faults.items():
                if number > before.get(kind, 0):
                    yield Event("fault", self.now, None, {"fault": kind, "times": number - before.get(kind, 0)})
            self._seen["faults"] = faults
        if "violation" in wanted:
            violations = self.violations
            for violation in violations[self._seen.get("violations", 0):]:
                yield Event("violation", violation.at, violation.node,
                            {"check": violation.check, "detail": violation.detail})
            self._seen["violations"] = len(violations)

    def __repr__(self) -> str:
        return f"<mpreg.World seed {self.seed} at {self.now:g} s>"


def _violation_of(found: tuple[str, int, int, str]) -> Violation:
    check, at, node, detail = found
    return Violation(check, at / 1e9, f"n{node}" if node else None, detail)


def _state_of(name: str, found: dict) -> NodeState:
    at = found["started_ns"]
    return NodeState(name, found["state"], found["is_serving"], found["life"], found["incarnation"], found["waiting"],
                     found["timers"], found["executing"], None if at is None else at / 1e9)
