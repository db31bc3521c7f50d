#!/usr/bin/python3
"""How long does a cluster take to form? Join time against size, for five topologies.

All processes begin within 100 ms. Each is told only the addresses that the topology gives it, and finds the others by
itself. The clock stops when all agree on members and catalog.
"""

import collections

import numpy

import figures
import mpreg

FULL_MESH = 64  # membership.full_mesh_max: above, nodes keep some links only, and news takes rounds of gossip.
TOPOLOGIES = ("mesh", "star", "ring", "tree", "random")


def join_time(seed: int, topology: str, nodes: int) -> float:
    world = mpreg.World(seed, nodes=nodes, topology=topology, start=0.1, name=f"join_{topology}_{nodes}")
    world.link(latency=(0.001, 0.020))
    return world.run_until(mpreg.converged, timeout=120, every=0.02)


def main() -> None:
    parser = figures.arguments(__doc__, seeds=20)
    parser.add_argument("--sizes", type=int, nargs="+", default=[3, 5, 10, 20, 35, 50, 64, 80])
    args = parser.parse_args()
    outcomes = mpreg.sweep(join_time, {"topology": TOPOLOGIES, "nodes": args.sizes}, range(1, args.seeds + 1),
                           jobs=args.jobs, scheduler=args.scheduler)
    times = collections.defaultdict(list)
    for outcome in outcomes:
        times[outcome.settings["topology"], outcome.settings["nodes"]].append(outcome.value)

    print("median seconds  " + "".join(f"{size:>8}" for size in args.sizes))
    figure, axes = figures.plt.subplots()
    for topology, colour in zip(TOPOLOGIES, figures.COLOURS):
        low, medians, high = numpy.array([numpy.percentile(times[topology, size], [25, 50, 75]) for size in args.sizes]).T
        print(f"{topology:16}" + "".join(f"{median:8.2f}" for median in medians))
        axes.plot(args.sizes, medians, marker="o", markersize=4, color=colour, label=topology)
        axes.fill_between(args.sizes, low, high, color=colour, alpha=0.15, linewidth=0)
    axes.set(title="Time until all nodes agree", xlabel="nodes", ylabel="simulated seconds", ylim=(0, None))
    if max(args.sizes) > FULL_MESH:
        axes.axvline(FULL_MESH, color="#888888", linewidth=1.0, linestyle=":")
        axes.annotate("no full mesh\nbeyond", (FULL_MESH, 1.0), xycoords=axes.get_xaxis_transform(), xytext=(-4, -4),
                      textcoords="offset points", ha="right", va="top", fontsize=9, color="#555555")
    axes.legend(title=f"median and middle half\nof {args.seeds} seeds", loc="upper left", bbox_to_anchor=(1.0, 1.0))
    figures.save(figure, args.out, "join_time")


if __name__ == "__main__":
    main()
