#!/usr/bin/python3
"""What happens when a network splits and heals: a timeline of what every node believes.

At 10 s the network splits in two unequal halves for 30 s. Each half gives up the other after its suspicion; when the split is
over, nodes dial the dead now and then, the first link compares tables, and the news travels. The plan demands agreement
within 60 s of the healing; the sum behind that is in docs/TESTING.md.
"""

import numpy

import figures
import mpreg

SPLIT, LASTING, END, EVERY = 10.0, 30.0, 70.0, 0.2


def main() -> None:
    parser = figures.arguments(__doc__, seeds=1)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--nodes", type=int, default=20)
    args = parser.parse_args()
    smaller = max(1, args.nodes // 3)

    world = mpreg.World(args.seed, nodes=args.nodes, start=0.5, name="partition_heal")
    world.link(latency=(0.001, 0.020), loss=0.005)
    world.partition(f"n1..n{smaller}", f"n{smaller + 1}..n{args.nodes}", at=SPLIT, lasting=LASTING)
    world.expect_apart(at=SPLIT + LASTING - 1, within=1)
    world.expect_converged(at=SPLIT + LASTING, within=60)
    changes = []
    world.subscribe(changes.append, "member")

    moments = numpy.arange(EVERY, END, EVERY)
    beliefs = numpy.zeros((args.nodes, len(moments)))
    links = numpy.zeros(len(moments))
    for column, moment in enumerate(moments):
        world.run_to(float(moment))
        for row, name in enumerate(world.node_names):
            beliefs[row, column] = sum(member.state == "alive" for member in world.members(name).values())
            links[column] += len(world.links(name)) / 2
    report = world.run(SPLIT + LASTING + 65).check()
    print(report)
    print(f"split at {SPLIT:g} s, healed at {SPLIT + LASTING:g} s, agreed again at {report.converged_at:.1f} s")

    figure, (lanes, traffic) = figures.plt.subplots(2, 1, sharex=True, figsize=(9.0, 6.4), height_ratios=(3, 1),
                                                    layout="constrained")
    picture = lanes.imshow(beliefs, aspect="auto", cmap="viridis", vmin=0, vmax=args.nodes, interpolation="nearest",
                           extent=(moments[0] - EVERY / 2, moments[-1] + EVERY / 2, args.nodes + 0.5, 0.5))
    figure.colorbar(picture, ax=lanes, label="members believed alive", pad=0.01)
    lanes.axhline(smaller + 0.5, color="white", linewidth=1.2, linestyle=":")
    lanes.grid(False)
    shown = range(1, args.nodes + 1, max(1, args.nodes // 10))
    lanes.set_yticks(shown, [f"n{node}" for node in shown])
    lanes.set_title(f"Partition and heal: what each of {args.nodes} nodes believes (seed {args.seed})", pad=24)
    events = [event.at for event in changes if event.at < END]
    traffic.hist(events, bins=numpy.arange(0, END + 1), color=figures.COLOURS[4], label="changes of belief a second")
    traffic.plot(moments, links, color=figures.COLOURS[0], label="open links")
    traffic.set(xlabel="simulated seconds", xlim=(0, END), ylim=(0, None))
    traffic.legend(loc="upper right")
    marks = ((SPLIT, "split", "left"), (SPLIT + LASTING, "healed", "right"),
             (report.converged_at, f"agreed, {report.converged_at - SPLIT - LASTING:.1f} s later", "left"))
    for moment, text, side in marks:
        lanes.axvline(moment, color="white", linewidth=1.2, linestyle="--")
        traffic.axvline(moment, color="#444444", linewidth=1.0, linestyle="--")
        lanes.annotate(text, (moment, 1.0), xycoords=lanes.get_xaxis_transform(), xytext=(0, 5), ha=side,
                       textcoords="offset points", fontsize=9.5, color="#333333")
    figures.save(figure, args.out, "partition_heal")


if __name__ == "__main__":
    main()
