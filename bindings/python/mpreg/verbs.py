"""The verbs of a plan as methods. Every one adds one step, `World.plan` shows it; docs/SCENARIOS.md says what it means.

`at` is the moment (seconds from the beginning); without it a step happens now where it needs a moment. `lasting` is how
long. What is wrong raises ValueError or TypeError naming the argument.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mpreg import units
from mpreg.units import Nodes, Share, Span

_PLACE = re.compile(r"^\d+:(\d+): (.*)", re.DOTALL)


class StepText:
    """The text of a step while it is put together, and which argument each part came from."""

    def __init__(self, verb: str, at: str | None = None):
        self._text = verb if at is None else f"at {at} {verb}"
        self._arguments: list[tuple[int, str]] = [(4, "at")] if at is not None else []

    def word(self, text: str, argument: str) -> StepText:
        self._arguments.append((len(self._text) + 2, argument))
        self._text += f" {text}"
        return self

    def words(self, *flags: tuple[str, bool, str]) -> StepText:
        for text, is_on, argument in flags:
            if units.flag(is_on, argument) == "yes":
                self.word(text, argument)
        return self

    def setting(self, key: str, text: str | None, argument: str | None = None) -> StepText:
        if text is not None:
            self.word(f"{key}={text}", argument or key.replace("-", "_"))
        return self

    def settings(self, form, **values) -> StepText:
        """Those that are not None, each in this form of `units`; '_' stands for '-'."""
        for key, value in values.items():
            if value is not None:
                self.setting(key.replace("_", "-"), form(value, key), key)
        return self

    def __str__(self) -> str:
        return self._text

    def blame(self, error: ValueError) -> ValueError:
        """The error with the argument's name in the place of line and column."""
        place = _PLACE.match(str(error))
        if not place:
            return error
        column = int(place[1])
        name = "step"
        for begin, argument in self._arguments:
            if begin <= column:
                name = argument
        return ValueError(f"{name}: {place[2]}")


class Verbs:
    """Needs `_add(StepText)` and `now`."""

    def _add(self, step: StepText) -> None:
        raise NotImplementedError

    @property
    def now(self) -> float:
        raise NotImplementedError

    def _timed(self, verb: str, at: Span | None) -> StepText:
        return StepText(verb, units.span(self.now if at is None else at, "at"))

    # --- the world ------------------------------------------------------------------------------

    def options(self, **settings: object) -> None:
        """Options of every node's engine; "__" stands for the dot: options(membership__probe_interval="2s")."""
        step = StepText("set")
        for key, value in settings.items():
            text = units.flag(value, key) if isinstance(value, bool) else str(value)
            step.setting(key.replace("__", "."), units.word(text, key), key)
        self._add(step)

    def budget(self, *, down: int | None = None, cut: int | None = None, clogged: int | None = None,
               slowed: int | None = None, paused: int | None = None, disks: int | None = None) -> None:
        """How many nodes may be harmed so at once; what would go beyond is not done."""
        self._add(StepText("budget").settings(units.count, down=down, cut=cut, clogged=clogged, slowed=slowed,
                                              paused=paused, disks=disks))

    def buggify(self, *, armed: Share | None = None, fires: Share | None = None,
                points: str | Sequence[str] | None = None) -> None:
        """The engine takes legal paths that are seldom taken."""
        step = StepText("buggify").settings(units.share, armed=armed, fires=fires)
        self._add(step.settings(units.words, points=points))

    def watch(self, every: Span) -> None:
        """How often checkers look: 1 s where nothing is said."""
        self._add(StepText("run").setting("watch", units.span(every, "every"), "every"))

    def liveness(self, *, at: Span | None = None, core: int | None = None) -> None:
        """All faults end for ever and every node runs (or a drawn core of so many, and the others never again)."""
        self._add(self._timed("phase", at).word("liveness", "liveness").settings(units.count, core=core))

    # --- network --------------------------------------------------------------------------------

    def link(self, places: Nodes | None = None, to: Nodes | None = None, *,
             latency: Span | tuple[Span, Span] | None = None, jitter: Span | None = None, shape: str | None = None,
             tail: Share | None = None, tail_delay: Span | None = None, loss: Share | None = None,
             duplicate: Share | None = None, corrupt: Share | None = None, reset: Share | None = None,
             bandwidth: int | str | None = None, queue: int | str | None = None, break_after: Span | None = None,
             dial_timeout: Span | None = None) -> None:
        """How every link behaves, or those of some places: said before the world begins."""
        step = StepText("link")
        if places is not None:
            step.word(units.nodes(places, "places"), "places")
        if to is not None:
            step.word("|", "to").word(units.nodes(to, "to"), "to")
        step.settings(units.spans, latency=latency).settings(units.span, jitter=jitter).settings(units.word, shape=shape)
        step.settings(units.share, tail=tail, loss=loss, duplicate=duplicate, corrupt=corrupt, reset=reset)
        step.settings(units.span, tail_delay=tail_delay, dial_timeout=dial_timeout)
        step.settings(units.size, bandwidth=bandwidth, queue=queue)
        if break_after is not None:
            step.setting("break", units.span(break_after, "break_after"), "break_after")
        self._add(step)

    def partition(self, *groups: Nodes, at: Span | None = None, lasting: Span | None = None,
                  bridge: Nodes | None = None) -> None:
        """Places of different groups cannot reach each other; a bridge is in all groups."""
        if len(groups) < 2:
            raise ValueError(f"groups: expected at least two, found {len(groups)}")
        step = self._timed("partition", at)
        for index, group in enumerate(groups):
            if index:
                step.word("|", "groups")
            step.word(units.nodes(group, "groups"), "groups")
        self._add(_lasting(step, lasting).settings(units.nodes, bridge=bridge))

    def one_way(self, senders: Nodes, receivers: Nodes, *, at: Span | None = None, lasting: Span | None = None) -> None:
        """What the senders send to the receivers is lost; the other way works."""
        step = self._timed("one-way", at).word(units.nodes(senders, "senders"), "senders").word("|", "receivers")
        self._add(_lasting(step.word(units.nodes(receivers, "receivers"), "receivers"), lasting))

    def clog(self, places: Nodes, *, lasting: Span = 1.0, at: Span | None = None) -> None:
        """What they send and receive is held and comes at once when the span is over."""
        self._add(_lasting(self._timed("clog", at).word(units.nodes(places, "places"), "places"), lasting))

    def slow(self, places: Nodes, *, delay: Span = 0.1, at: Span | None = None, lasting: Span | None = None) -> None:
        """Everything from and to them takes so much longer."""
        step = self._timed("slow", at).word(units.nodes(places, "places"), "places")
        self._add(_lasting(step.settings(units.span, delay=delay), lasting))

    def reset(self, places: Nodes, *, to: Nodes | None = None, at: Span | None = None) -> None:
        """Resets links; without `to` all of theirs."""
        self._add(self._timed("reset", at).word(units.nodes(places, "places"), "places").settings(units.nodes, to=to))

    def heal(self, *, at: Span | None = None) -> None:
        """Lifts partitions, cuts, clogs and slowness."""
        self._add(self._timed("heal", at))

    # --- processes, clocks, disks ---------------------------------------------------------------

    def crash(self, nodes: Nodes, *, at: Span | None = None, lasting: Span | None = None, silent: bool = False,
              empty: bool = False) -> None:
        """Processes end, and come back after a span; silent: with their hosts; empty: they come back without their disk."""
        step = self._timed("crash", at).word(units.nodes(nodes, "nodes"), "nodes")
        self._add(_lasting(step.words(("silent", silent, "silent"), ("empty", empty, "empty")), lasting))

    def start(self, nodes: Nodes, *, at: Span | None = None, empty: bool = False) -> None:
        """Starts what is down."""
        step = self._timed("start", at).word(units.nodes(nodes, "nodes"), "nodes")
        self._add(step.words(("empty", empty, "empty")))

    def leave(self, nodes: Nodes, *, at: Span | None = None, lasting: Span | None = None,
              reason: str | None = None) -> None:
        """They say goodbye and end: "shutdown", "maintenance", "rebalance", "removal"."""
        step = self._timed("leave", at).word(units.nodes(nodes, "nodes"), "nodes")
        self._add(_lasting(step.settings(units.word, reason=reason), lasting))

    def churn(self, *, begin: Span, end: Span, every: Span = 5.0, down: Span | tuple[Span, Span] = (2.0, 10.0),
              silent: Share = 0.5, empty: Share = 0.0, among: Nodes = "all") -> None:
        """Again and again a drawn node crashes and comes back."""
        step = StepText("churn").setting("from", units.span(begin, "begin"), "begin")
        step.setting("to", units.span(end, "end"), "end").settings(units.span, every=every)
        step.settings(units.spans, down=down).settings(units.share, silent=silent, empty=empty)
        self._add(step.settings(units.nodes, among=among))

    def pause(self, nodes: Nodes, *, lasting: Span = 1.0, at: Span | None = None, every: Span | None = None,
              until: Span | None = None) -> None:
        """Processes stand still: timers fire late and what arrives waits."""
        step = _lasting(self._timed("pause", at).word(units.nodes(nodes, "nodes"), "nodes"), lasting)
        step.settings(units.span, every=every)
        if until is not None:
            step.setting("to", units.span(until, "until"), "until")
        self._add(step)

    def drift(self, nodes: Nodes, share: float, *, drawn: bool = False, at: Span | None = None) -> None:
        """Clocks run fast (0.05: by 5 %) or slow (negative); drawn: each by its own drift up to that."""
        step = self._timed("drift", at).word(units.nodes(nodes, "nodes"), "nodes")
        self._add(step.word(units.ppm(share, "share"), "share").words(("drawn", drawn, "drawn")))

    def jump(self, nodes: Nodes, *, by: Span = 1.0, at: Span | None = None) -> None:
        """Clocks jump forward."""
        self._add(self._timed("jump", at).word(units.nodes(nodes, "nodes"), "nodes").settings(units.span, by=by))

    def wall_clock(self, nodes: Nodes, *, back: Span = 1.0, at: Span | None = None) -> None:
        """Wall clocks go back: the next lives propose older incarnations."""
        self._add(self._timed("wall-clock", at).word(units.nodes(nodes, "nodes"), "nodes").settings(units.span, back=back))

    def key(self, nodes: Nodes) -> None:
        """These nodes hold cluster keys of their own."""
        self._add(StepText("key").word(units.nodes(nodes, "nodes"), "nodes"))

    def version(self, nodes: Nodes, *, major: int | None = None, minor: int | None = None, at: Span | None = None) -> None:
        """The lives that begin from then on, or all, speak another version of the protocol."""
        step = StepText("version") if at is None else self._timed("version", at)
        self._add(step.word(units.nodes(nodes, "nodes"), "nodes").settings(units.count, major=major, minor=minor))

    def upgrade(self, nodes: Nodes, *, minor: int = 1, major: int | None = None, every: Span | None = None,
                down: Span | None = None, goodbye: bool = False, at: Span | None = None) -> None:
        """One after the other ends, after a goodbye if so said, and comes back in another version of the protocol."""
        step = self._timed("upgrade", at).word(units.nodes(nodes, "nodes"), "nodes").words(("goodbye", goodbye, "goodbye"))
        self._add(step.settings(units.count, major=major, minor=minor).settings(units.span, every=every, down=down))

    def disk(self, nodes: Nodes, *, full: bool = False, damaged: bool = False, lying: bool = False,
             slow: Span | None = None, failure: Share | None = None, at: Span | None = None) -> None:
        """How disks behave from then on; lying: they confirm what they have not stored; without anything: well."""
        step = self._timed("disk", at).word(units.nodes(nodes, "nodes"), "nodes")
        step.words(("full", full, "full"), ("damaged", damaged, "damaged"), ("lying", lying, "lying"))
        self._add(step.settings(units.span, slow=slow).settings(units.share, failure=failure))

    # --- workload and enemies -------------------------------------------------------------------

    def offer(self, *names: str, on: Nodes | None = None, version: str | None = None, own: bool = False) -> None:
        """Nodes offer functions from the start of each life: add, mul, echo2, sleep, fail, or one of `World.function`."""
        step = StepText("functions")
        for name in names:
            step.word(units.word(name, "names"), "names")
        step.settings(units.nodes, on=on).settings(units.word, version=version)
        self._add(step.setting("own", "yes" if units.flag(own, "own") == "yes" else None))

    def calls(self, function: str = "add", *, rate: float | int | str = 1, callers: Nodes | None = None,
              by_workers: bool = False, idempotent: bool = True, timeout: Span = 5.0, begin: Span | None = None,
              end: Span | None = None, own: bool = False) -> None:
        """Clients at drawn nodes, or the workers, call a function; every call is accounted for. own: the one that a drawn
        node that runs offers under a name of its own (`offer(own=True)`)."""
        step = StepText("calls").settings(units.rate, rate=rate).settings(units.word, function=function)
        if callers is not None:
            step.setting("from", units.nodes(callers, "callers"), "callers")
        step.setting("own", "yes" if units.flag(own, "own") == "yes" else None)
        step.setting("by", "workers" if units.flag(by_workers, "by_workers") == "yes" else None, "by_workers")
        step.settings(units.flag, idempotent=idempotent).settings(units.span, timeout=timeout)
        if begin is not None or self.now > 0:
            step.setting("start", units.span(self.now if begin is None else begin, "begin"), "begin")
        if end is not None:
            step.setting("stop", units.span(end, "end"), "end")
        self._add(step)

    def workers(self, count: int, functions: str | Sequence[str] = "mul", *, at: Nodes | None = None,
                own: bool = False, version: str | None = None) -> None:
        """Processes that connect to nodes as clients and serve functions: w1, w2..."""
        step = StepText("workers").settings(units.count, count=count).settings(units.words, functions=functions)
        step.settings(units.nodes, at=at).settings(units.word, version=version)
        self._add(step.setting("own", "yes" if units.flag(own, "own") == "yes" else None))

    def crash_workers(self, workers: Nodes, *, at: Span | None = None, lasting: Span | None = None,
                      silent: bool = False) -> None:
        """Workers end, and come back after a span as new clients."""
        step = self._timed("worker", at).word("crash", "workers").word(units.nodes(workers, "workers", "w"), "workers")
        self._add(_lasting(step.words(("silent", silent, "silent")), lasting))

    def start_workers(self, workers: Nodes, *, at: Span | None = None) -> None:
        """Starts those that are down."""
        self._add(self._timed("worker", at).word("start", "workers").word(units.nodes(workers, "workers", "w"), "workers"))

    def churn_workers(self, *, begin: Span, end: Span, every: Span = 5.0,
                      down: Span | tuple[Span, Span] = (2.0, 10.0), silent: Share = 0.5) -> None:
        """Again and again a drawn worker crashes and comes back."""
        step = StepText("worker-churn").setting("from", units.span(begin, "begin"), "begin")
        step.setting("to", units.span(end, "end"), "end").settings(units.span, every=every)
        self._add(step.settings(units.spans, down=down).settings(units.share, silent=silent))

    def hostile(self, node: str | int = "stranger", *, rate: float | int | str = 10, targets: Nodes | None = None,
                begin: Span | None = None, end: Span | None = None) -> None:
        """Random, truncated, oversized, replayed and forged frames, from a stranger or on a member's links."""
        who = node if node == "stranger" else f"n{units.number_of(node, 'node')}"
        self._add(_enemy(StepText("hostile").word(who, "node"), rate, targets, begin, end))

    def liar(self, node: str | int, *, lies: str | Sequence[str] | None = None, rate: float | int | str = 10,
             targets: Nodes | None = None, begin: Span | None = None, end: Span | None = None) -> None:
        """A member says what is not true: "accused", "promoted", "invented", "recorded", "repeated"."""
        step = StepText("liar").word(f"n{units.number_of(node, 'node')}", "node").settings(units.words, lies=lies)
        self._add(_enemy(step, rate, targets, begin, end))

    # --- what must be seen ----------------------------------------------------------------------

    def expect_converged(self, *, within: Span = 30.0, holds: Span | None = None, at: Span | None = None,
                         visible: bool = False) -> None:
        """All running nodes agree on members and catalog within a span after a moment, and go on agreeing."""
        step = self._timed("expect", at).word("converged", "at").settings(units.span, within=within, holds=holds)
        self._add(step.setting("agreement", "visible" if units.flag(visible, "visible") == "yes" else None, "visible"))

    def expect_apart(self, *, within: Span = 10.0, at: Span | None = None) -> None:
        """Somebody does not agree: the fault before did damage."""
        self._add(self._timed("expect", at).word("apart", "at").settings(units.span, within=within))

    def expect_calls(self, *, answered: Share = 1.0, least: int = 1, idempotent: bool | None = None) -> None:
        """At the end: the share of the calls that ended with the right answer, and their number."""
        step = StepText("expect").word("calls", "answered").settings(units.share, answered=answered)
        step.setting("min", units.count(least, "least"), "least")
        self._add(step.settings(units.flag, idempotent=idempotent))

    def expect_answered(self, *, least: int = 1, at: Span | None = None) -> None:
        """Every call that begins from then on is answered rightly, and so many are."""
        step = self._timed("expect", at).word("answered", "at")
        self._add(step.setting("min", units.count(least, "least"), "least"))

    def expect_no_eviction(self, *, of: Nodes | None = None, by: Nodes | None = None, at: Span | None = None) -> None:
        """Nobody declares a process dead that runs."""
        self._add(self._timed("expect", at).word("no-eviction", "of").settings(units.nodes, of=of, by=by))

    def expect_refused(self, nodes: Nodes) -> None:
        """At the end: the nodes were refused, heard so, and nobody believes in them."""
        self._add(StepText("expect").word("refused", "nodes").word(units.nodes(nodes, "nodes"), "nodes"))

    def expect_gone(self, nodes: Nodes, *, within: Span = 30.0, known_as: str | None = None,
                    at: Span | None = None) -> None:
        """Everybody knows that they ended: "dead", "left" or "any"."""
        step = self._timed("expect", at).word("gone", "nodes").word(units.nodes(nodes, "nodes"), "nodes")
        step.settings(units.span, within=within)
        if known_as is not None:
            step.setting("as", units.word(known_as, "known_as"), "known_as")
        self._add(step)

    def expect_out(self, nodes: Nodes, *, within: Span = 30.0, at: Span | None = None) -> None:
        """The processes ended because their storage failed, said so, and nobody believes in them."""
        step = self._timed("expect", at).word("out", "nodes").word(units.nodes(nodes, "nodes"), "nodes")
        self._add(step.settings(units.span, within=within))

    def expect_workers_gone(self, *, within: Span = 5.0, silent: Span | None = None) -> None:
        """Whenever a worker has been gone so long, no catalog names its own functions any more."""
        self._add(StepText("expect").word("workers-gone", "within").settings(units.span, within=within, silent=silent))

    def expect_faults(self, *names: str) -> None:
        """At the end: these faults really happened."""
        step = StepText("expect").word("faults", "names")
        for name in names:
            step.word(units.word(name, "names"), "names")
        self._add(step)


def _lasting(step: StepText, lasting: Span | None) -> StepText:
    return step if lasting is None else step.setting("for", units.span(lasting, "lasting"), "lasting")


def _enemy(step: StepText, rate: float | int | str, targets: Nodes | None, begin: Span | None,
           end: Span | None) -> StepText:
    step.settings(units.rate, rate=rate).settings(units.nodes, targets=targets)
    if begin is not None:
        step.setting("from", units.span(begin, "begin"), "begin")
    return step if end is None else step.setting("to", units.span(end, "end"), "end")
