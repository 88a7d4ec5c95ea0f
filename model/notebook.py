"""How a value shows itself in a notebook: a heading, some facts and a short table, as escaped HTML."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape

#: Rows of a table at most; what is left out is counted.
MOST_ROWS = 40
#: The look of every value: the notebook's own letters and colours, numbers at the right.
STYLE = (
    "<style>.setback{font-size:90%;line-height:1.5;margin:.4em 0}"
    ".setback h4{margin:0;font-size:110%}.setback p{margin:0;opacity:.8;max-width:70em}"
    ".setback table{border-collapse:collapse;margin:.5em 0 0;font-size:inherit;line-height:1.4}"
    ".setback th,.setback td{padding:.1em 1.2em .1em 0;text-align:left;vertical-align:top;border:0;background:none;"
    "max-width:34em;white-space:normal}.setback td:first-child{white-space:nowrap}"
    ".setback thead th{border-bottom:1px solid;font-weight:600;white-space:nowrap}"
    ".setback th.n,.setback td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}</style>"
)


def html(title: str, facts: Iterable[str] = (), rows: Iterable[Mapping[str, object]] = ()) -> str:
    """Give a value as HTML: its title, facts in a line each, and rows as a table.

    >>> "&lt;b&gt;" in html("<b>", rows=[{"name": "x", "value": 1.5}])
    True
    """
    said = "".join(f"<p>{escape(fact)}</p>" for fact in facts if fact)
    return f'{STYLE}<div class="setback"><h4>{escape(title)}</h4>{said}{table([*rows])}</div>'


def table(rows: Sequence[Mapping[str, object]]) -> str:
    """Give rows as an HTML table, numbers at the right; nothing where there are none."""
    if not rows:
        return ""
    names = list(rows[0])
    is_number = {name: all(isinstance(row[name], int | float) for row in rows) for name in names}

    def line(tag: str, cells: Mapping[str, str]) -> str:
        made = (f"<{tag}{' class=n' if is_number[name] else ''}>{escape(cells[name])}</{tag}>" for name in names)
        return f"<tr>{''.join(made)}</tr>"

    head = line("th", {name: name.replace("_", " ") for name in names})
    body = "".join(line("td", {name: cell(value) for name, value in row.items()}) for row in rows[:MOST_ROWS])
    left = f"<p>and {len(rows) - MOST_ROWS} more</p>" if len(rows) > MOST_ROWS else ""
    return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>{left}"


def cell(value: object) -> str:
    """Give a value as a short text: three decimals, a dash where it is not known.

    >>> cell(0.12345), cell(float("nan")), cell(12), cell(1e-6)
    ('0.123', '–', '12', '1e-06')
    """
    if isinstance(value, bool) or not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    if math.isnan(value):
        return "–"
    small = 0 < abs(value) < 0.0005
    return f"{value:.3g}" if small else f"{value:,.3f}"
