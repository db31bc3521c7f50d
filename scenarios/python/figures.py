"""How the figures of these scripts look, and where they go."""

import argparse
import pathlib

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  (after the choice of the backend)

# Okabe and Ito: told apart by everybody.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]

plt.rcParams.update({
    "figure.figsize": (8.0, 4.8), "figure.dpi": 110, "savefig.dpi": 150, "font.size": 10.5,
    "axes.prop_cycle": matplotlib.cycler(color=COLOURS), "axes.grid": True, "grid.color": "#e6e6e6",
    "axes.axisbelow": True, "axes.spines.top": False, "axes.spines.right": False, "axes.titlelocation": "left",
    "axes.titlesize": 12, "axes.titleweight": "bold", "legend.frameon": False, "svg.hashsalt": "mpreg",
})


def arguments(about: str, seeds: int) -> argparse.ArgumentParser:
    """What every script understands."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=seeds, help=f"runs of every point (default {seeds})")
    parser.add_argument("--jobs", type=int, default=None, help="processes (default: as many as processors)")
    parser.add_argument("--scheduler", default=None, help="address of a Dask scheduler: run there instead")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("figures"), help="folder of the figures")
    return parser


def save(figure, out: pathlib.Path, name: str) -> None:
    """Writes NAME.png and NAME.svg and says so."""
    out.mkdir(parents=True, exist_ok=True)
    for suffix in ("png", "svg"):
        path = out / f"{name}.{suffix}"
        figure.savefig(path, bbox_inches="tight", metadata={"Date": None} if suffix == "svg" else None)
        print(path)
    plt.close(figure)
