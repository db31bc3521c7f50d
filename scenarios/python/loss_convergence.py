#!/usr/bin/python3
"""How much loss does agreement survive? Time to converge against frame loss, with percentile bands over many seeds.

A cluster forms while every link loses a share of its frames, in both directions. The middle line is the median run;
the bands hold half and nine tenths of all.
"""

import numpy
from matplotlib import ticker

import figures
import mpreg

TIMEOUT = 300.0


def converge(seed: int, loss: float, nodes: int) -> float:
    world = mpreg.World(seed, nodes=nodes, start=0.5, name=f"loss_{round(loss * 100)}")
    world.link(latency=(0.001, 0.020), loss=loss)
    world.offer("add")
    return world.run_until(mpreg.converged, timeout=TIMEOUT)


def main() -> None:
    parser = figures.arguments(__doc__, seeds=200)
    parser.add_argument("--nodes", type=int, default=12)
    parser.add_argument("--losses", type=float, nargs="+", default=[0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4])
    args = parser.parse_args()
    outcomes = mpreg.sweep(converge, {"loss": args.losses, "nodes": [args.nodes]}, range(1, args.seeds + 1),
                           jobs=args.jobs, scheduler=args.scheduler, keep_errors=True)
    rows = []
    for loss in args.losses:
        found = [outcome for outcome in outcomes if outcome.settings["loss"] == loss]
        for outcome in found:
            if outcome.error is not None and not isinstance(outcome.error, mpreg.NotReached):
                raise outcome.error
        times = [TIMEOUT if outcome.error else outcome.value for outcome in found]
        rows.append(numpy.percentile(times, [5, 25, 50, 75, 95]))
        never = sum(outcome.error is not None for outcome in found)
        print(f"loss {loss:5.0%}: median {rows[-1][2]:6.1f} s, 95 % within {rows[-1][4]:6.1f} s"
              + (f", {never} of {len(found)} not within {TIMEOUT:g} s" if never else ""))
    low, quarter, median, three_quarters, high = numpy.array(rows).T

    figure, axes = figures.plt.subplots()
    percent = [loss * 100 for loss in args.losses]
    colour = figures.COLOURS[0]
    axes.fill_between(percent, low, high, color=colour, alpha=0.15, linewidth=0, label="5 % to 95 %")
    axes.fill_between(percent, quarter, three_quarters, color=colour, alpha=0.3, linewidth=0, label="25 % to 75 %")
    axes.plot(percent, median, color=colour, marker="o", markersize=4, label="median")
    axes.set(title=f"Time until {args.nodes} nodes agree, {args.seeds} seeds a point", xlabel="frames lost, %",
             ylabel="simulated seconds", yscale="log")
    axes.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(ticker.FormatStrFormatter("%g"))
    axes.yaxis.set_minor_locator(ticker.NullLocator())
    axes.legend(loc="upper left")
    figures.save(figure, args.out, "loss_convergence")


if __name__ == "__main__":
    main()
