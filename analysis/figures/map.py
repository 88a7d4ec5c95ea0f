"""The map of a study of many worlds: an outcome or the class of a failure over what varies, policy by policy."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch, Rectangle
from numpy.typing import NDArray

from setback.analysis.classes import CLASSES
from setback.analysis.figures.figure import Figure
from setback.analysis.figures.style import COLOURS, MARKERS, STYLE, axis, words
from setback.analysis.map import ClassMap, Grid, Map

Array = NDArray[np.float64]
#: Numbers that a title names, beside those of the axes.
NAMED = 8
#: Panels beside one another, and panels up to which cells are large enough for a number in each.
WIDE, LARGE = 4, 4
#: The colours of the classes, in their order, and the letter that says them without colour.
CLASS_COLOURS, LETTERS = (COLOURS[2], COLOURS[1], "0.75", COLOURS[3]), "LCHF"
#: What marks a cell whose interval does not leave out 0.
HATCH = "////"


def map_figure(found: Map, title: str, over: Sequence[str] = ()) -> Figure:
    """Draw the map of an outcome, or of the difference of two policies, over what varies.

    Args:
        found: the map, as `setback.analysis.map.phase_map` gives it.
        title: says what was run.
        over: further numbers that vary, over which cells are means.

    Returns:
        One panel a policy, or one row a policy and one column a band, on one scale of colours; cells whose 95 %
        interval does not leave out 0 are hatched. Where a single number varies one line a policy with its interval.
    """
    first, grid = found.effects[0], found.grid
    less = f" less that of {first.against}" if first.against else ""
    what = axis(first.outcome, of=less)
    known = found.mean[np.isfinite(found.mean)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)  # of no world it is known
    is_signed = low < 0.0 < high or bool(less)
    with mpl.rc_context(STYLE):
        if len(grid.edges) == 1:
            return _lines(found, what, _heading(title, over))
        figure, axes = _panels(grid, [effect.policy for effect in found.effects])
        scale: dict[str, Any] = {"vmin": low, "vmax": high, "cmap": "cividis"}
        if is_signed:
            reach = max(abs(low), abs(high)) or 1.0
            scale = {"vmin": -reach, "vmax": reach, "cmap": "PuOr_r"}
        unsure = False
        for ax, (panel, *band) in axes:
            at: tuple[int | slice, ...] = (panel, slice(None), slice(None), *band)
            values, marked = found.mean[at], ~found.is_sure[at] & (found.worlds[at] > 0) & is_signed
            mesh = ax.pcolormesh(grid.edges[0], grid.edges[1], values.T, **scale)
            for box in _boxes(grid, marked):
                unsure = True
                ax.add_patch(Rectangle(*box, fill=False, hatch=HATCH, edgecolor="0.35", linewidth=0.0))
            if len(axes) <= LARGE:
                _write(ax, grid, np.where(found.worlds[at] > 0, found.worlds[at].astype(str), ""), mesh, marked)
        figure.colorbar(mesh, ax=[ax for ax, _ in axes], label="\n".join(textwrap.wrap(what, 46)), shrink=0.85)
        _name_sides(figure, grid)
        notes = ["hatched: the 95 % interval does not leave out 0"] * unsure
        notes += [_counted(found.worlds, len(axes) <= LARGE)]
        figure.suptitle(_heading(title, over, notes, figure), fontsize=10)
    return figure


def class_figure(found: ClassMap, title: str, over: Sequence[str] = ()) -> Figure:
    """Draw which class of a failure holds where: learning, costly learning, harmless or failing.

    Args:
        found: the map, as `setback.analysis.map.class_map` gives it.
        title: says what was run.
        over: further numbers that vary, over which cells are means.

    Returns:
        One panel a policy, or one row a policy and one column a band. A cell has the colour and the letter of its most
        frequent class, the paler the smaller its share of the worlds in the cell, and this share in per cent.
    """
    grid = found.grid
    with mpl.rc_context(STYLE):
        figure, axes = _panels(grid, [*found.policies])
        for ax, (panel, *band) in axes:
            at: tuple[int | slice, ...] = (panel, slice(None), slice(None), *band)
            share, many = np.nan_to_num(found.share[at]), found.worlds[at] > 0
            most, most_share = share.argmax(-1), share.max(-1)
            for place, box in zip(np.argwhere(many), _boxes(grid, many)):
                k, strength = most[tuple(place)], most_share[tuple(place)]
                ax.add_patch(Rectangle(*box, facecolor=_paler(CLASS_COLOURS[k], strength), edgecolor="white"))
            text = [[f"{LETTERS[k]} {100 * s:.0f}" if is_there else "" for k, s, is_there in zip(*row)]
                    for row in zip(most, most_share, many)]  # fmt: skip
            _write(ax, grid, np.array(text), size=6.5 if len(axes) <= LARGE else 4.5)
            ax.set(xlim=grid.edges[0][[0, -1]], ylim=grid.edges[1][[0, -1]])
        _name_sides(figure, grid)
        whole = found.whole.mean()
        marks = [
            Patch(color=colour, label=f"{letter}  {name}\n({100 * whole[name]:.0f} % of all)")
            for colour, letter, name in zip(CLASS_COLOURS, LETTERS, CLASSES)
        ]
        figure.legend(handles=marks, loc="outside right center", frameon=False)
        notes = ["the most frequent class of a cell, and its share of the worlds there in %", _counted(found.worlds)]
        figure.suptitle(_heading(title, over, notes, figure), fontsize=10)
    return figure


def _panels(grid: Grid, policies: list[str]) -> tuple[Figure, list[tuple[Axes, tuple[int, ...]]]]:
    """Lay out the panels, each with its policy and, where there are bands, its band."""
    bands = grid.shape[2] if grid.bands else 1
    count = len(policies)
    wide = bands if grid.bands else count if count <= 3 else 2 if count == LARGE else 3 if count <= 9 else WIDE
    tall = len(policies) if grid.bands else -(-len(policies) // wide)
    each = 3.1 if wide * tall <= LARGE else 2.4
    size = (max(6.4, each * wide + 1.4), max(3.8, 0.92 * each * tall + 1.5))
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(tall, wide, sharex=True, sharey=True, squeeze=False)
    for ax in axes.flat[len(policies) * bands :]:
        ax.set_visible(False)
    for ax in axes.flat[max(0, len(policies) * bands - wide) : len(policies) * bands]:  # the lowest of each column
        ax.tick_params(labelbottom=True)
    placed: list[tuple[Axes, tuple[int, ...]]] = []
    for k, ax in enumerate(axes.flat[: len(policies) * bands]):
        panel, band = divmod(k, bands)
        name = "\n".join(textwrap.wrap(policies[panel].replace("+", " + "), 30))
        if grid.bands:
            between = grid.limits(2, band)
            ax.set_title(f"{name}\n{between}" if band == 0 or len(policies) > 1 else between, fontsize=8)
        else:
            ax.set_title(name, fontsize=9)
        ax.grid(visible=False)
        placed.append((ax, (panel, band) if grid.bands else (panel,)))
    return figure, placed


def _lines(found: Map, what: str, heading: str) -> Figure:
    """Draw a line a policy through the middles of the cells, with its interval."""
    figure = Figure(figsize=(7.5, 4.5), layout="constrained")
    ax = figure.subplots()
    [edges] = found.grid.edges
    middle = (edges[1:] + edges[:-1]) / 2
    for k, effect in enumerate(found.effects):
        style = {"color": COLOURS[k % len(COLOURS)], "marker": MARKERS[k % len(MARKERS)], "markersize": 4}
        line = ("-", "--", ":", "-.")[k // len(COLOURS) % 4]  # colours and marks come round again
        ax.plot(middle, found.mean[k], label=effect.policy, linestyle=line, **style)
        if len(found.effects) <= len(COLOURS):
            ax.fill_between(middle, found.low[k], found.high[k], color=style["color"], alpha=0.15, linewidth=0)
    ax.set(xlabel=axis(found.grid.names[0]), ylabel=what)
    figure.legend(loc="outside right upper", frameon=False)
    figure.suptitle(heading, fontsize=10)
    return figure


def _boxes(grid: Grid, chosen: NDArray[np.bool_]) -> Iterator[tuple[tuple[float, float], float, float]]:
    """Give corner, width and height of the chosen cells of a panel."""
    x, y = grid.edges[:2]
    for i, j in np.argwhere(chosen):
        yield (float(x[i]), float(y[j])), float(x[i + 1] - x[i]), float(y[j + 1] - y[j])


def _write(ax: Axes, grid: Grid, text: NDArray[Any], mesh: Any = None, marked: Any = None, size: float = 6.0) -> None:
    """Write into the middle of each cell, dark on what is light and light on what is dark."""
    x, y = ((edges[1:] + edges[:-1]) / 2 for edges in grid.edges[:2])
    for i, j in np.ndindex(*text.shape):
        if not text[i, j]:
            continue
        is_dark = False
        if mesh is not None:
            colour = mesh.cmap(mesh.norm(np.asarray(mesh.get_array()).reshape(len(y), len(x))[j, i]))
            is_dark = float(np.dot(colour[:3], (0.299, 0.587, 0.114))) < 0.5
        behind = {"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.6}
        ax.text(
            float(x[i]), float(y[j]), str(text[i, j]), ha="center", va="center", fontsize=size,
            color="white" if is_dark else "0.1",
            bbox=behind if marked is not None and marked[i, j] and not is_dark else None,
        )  # fmt: skip


def _paler(colour: Any, share: float) -> tuple[float, ...]:
    """Mix a colour with white: whole at a share of 1, a quarter of it at a quarter."""
    return tuple(1.0 - share * (1.0 - part) for part in to_rgb(colour))


def _name_sides(figure: Figure, grid: Grid) -> None:
    figure.supxlabel(axis(grid.names[0]), fontsize=9)
    figure.supylabel(axis(grid.names[1]), fontsize=9)


def _counted(worlds: NDArray[np.int64], is_written: bool = False) -> str:
    least, most = int(worlds.min()), int(worlds.max())
    between = f"{least:,}" if least == most else f"{least:,} to {most:,}"
    return f"worlds in a cell: {between}" + (" (written in it)" * is_written) + ("; white: no world" * (least == 0))


def _heading(title: str, over: Sequence[str], notes: Sequence[str] = (), figure: Figure | None = None) -> str:
    """Say what is seen, in lines that the figure is wide enough for."""
    letters = 80 if figure is None else int(11 * figure.get_figwidth())
    named = ", ".join(map(words, over)) if len(over) <= NAMED else f"{len(over)} other numbers"
    parts = [title, *([f"means over {named}"] if over else [])]
    return "\n".join(line for part in (parts, notes) for line in textwrap.wrap("; ".join(part), letters))
