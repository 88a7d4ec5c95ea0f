"""How the class looks in the Mesa view: its seats and its curves, drawn as HTML."""

from __future__ import annotations

import math
from html import escape

from setback.live.model import CURVES, Curve, LiveClassroom
from setback.model.outcomes import STATES, states
from setback.page.look import colours, sides, word
from setback.watch import MARKS, MEANING

STYLE = """
.v-tabs { display: none }  /* Mesa's tabs; there is one page */
.vue-grid-layout { display: grid; grid-template-columns: repeat(auto-fit, minmax(380px, 1fr)); gap: 12px }
.vue-grid-layout, .vue-grid-item { height: auto !important }  /* as high as what is in them */
.vue-grid-item { position: static !important; transform: none !important; width: auto !important }
.vue-resizable-handle, .vue-grid-placeholder { display: none }
.v-select__selection--comma { white-space: normal; overflow: visible }
.setback-heading { position: sticky; top: -12px; z-index: 4; padding-bottom: 8px }
.setback-title { font-size: 1.1rem; font-weight: 500; display: inline-block; margin-top: 12px }
.setback-seats { display: grid; grid-template-columns: repeat(auto-fill, minmax(44px, 1fr)); gap: 5px; padding: 4px }
.setback-seats div { border-radius: 5px; text-align: center; line-height: 1.1; padding: 4px 0; border: 1px solid #8888 }
.setback-seats b { display: block; font-size: 1.25rem }
.setback-seats small { font-size: .7rem }
.setback-legend { padding: 4px; font-size: .85rem; border-spacing: 6px 2px; line-height: 1.25 }
.setback-legend td { vertical-align: top }
.setback-legend td:first-child { border-radius: 4px; text-align: center; min-width: 1.6rem; border: 1px solid #8888 }
.setback-curves { display: grid; grid-template-columns: 1fr 1fr; align-items: end; gap: 4px 12px }
.setback-curves { font-size: .85rem; line-height: 1.2 }
.setback-curves svg { display: block; width: 100%; overflow: visible; font-size: 12px; fill: currentColor }
.setback-curves path { stroke: #8885 }
.setback-curves polyline { fill: none; stroke-width: 2.5 }
.setback-curves circle, .setback-last { fill: #005f99; font-weight: bold }
.setback-now { stroke: #005f99 }
.setback-before { stroke: #aaa }
.setback-beside { stroke: #ad4500; stroke-dasharray: 6 3 }
.setback-diary { border-spacing: 0 6px; font-size: .9rem }
.setback-diary :is(th, td) { text-align: left; vertical-align: top; padding-right: 16px }
@media (forced-colors: active) { .setback-seats div, .setback-legend td { forced-color-adjust: none } }
.setback-rows { display: grid; grid-template-columns: repeat(auto-fill, minmax(360px, 1fr)) }
.setback-rows { gap: 10px 32px; margin: 8px 0 }
"""


def _cell(tag: str, state: int, inner: str, about: str = "") -> str:
    background, ink = colours()[STATES[state]]
    style = f"background:{background};color:{ink}"
    return f'<{tag} style="{style}" title="{escape(about)}">{inner}</{tag}>'


def seats_html(room: LiveClassroom) -> str:
    """Draw the class by seat, each student's state by colour and by mark, and what they mean; a second class below."""
    if room.beside is None:
        return _seats(room)
    pairs = zip("AB", (room, room.beside), sides())
    return "".join(
        f'<p><b style="color:{colour}">{side}</b> {escape(of.policy.name)}</p>{_seats(of)}'
        for side, of, colour in pairs
    )


def diary_html(room: LiveClassroom, seat: int) -> str:
    """Write a student's weeks so far, the last first; those of the second class beside them."""
    years = [of.diary(seat) for of in (room, room.beside) if of is not None]
    rows = [
        f"<tr><th>{week}</th>{''.join(f'<td>{escape(chr(32).join(year[week - 1]))}</td>' for year in years)}</tr>"
        for week in range(room.week, 0, -1)
    ]
    heads = "".join(f"<th>{side}</th>" for side, _ in zip("AB", years)) if len(years) > 1 else "<th></th>"
    head = f"<tr><th>{escape(word('player.week'))}</th>{heads}</tr>"
    return f'<table class="setback-diary">{head}{"".join(rows)}</table>'


def _seats(room: LiveClassroom) -> str:
    now = [int(number) for number in states(room.slots)[:, 0]]
    cells = [
        _cell("div", state, f"<b>{MARKS[state]}</b><small>{seat + 1}</small>",
              f"{student.name}: {STATES[state]}; control {100 * student.control:.0f} %, expectancy "
              f"{100 * student.expectancy:.0f} %, shame and anxiety {student.affect:.2f} points")
        for seat, (student, state) in enumerate(zip(room.students, now))
    ]  # fmt: skip
    legend = "".join(
        f"<tr>{_cell('td', k, MARKS[k])}<td><b>{now.count(k)}</b></td><td><b>{state}</b>: {escape(meaning)}</td></tr>"
        for k, (state, meaning) in enumerate(zip(STATES, MEANING))
    )
    return f'<div class="setback-seats">{"".join(cells)}</div><table class="setback-legend">{legend}</table>'


def curves_html(room: LiveClassroom) -> str:
    """Draw the curves of the year, each with its last value; those of the class before the last Reset in grey."""
    note = "" if room.before is None else f"<small>Grey, before Reset: {escape(room.before.title)}</small>"
    return f'<div class="setback-curves">{"".join(_curve_html(room, curve) for curve in CURVES)}</div>{note}'


def _curve_html(room: LiveClassroom, curve: Curve) -> str:
    """Draw one curve as a small picture: weeks to the right, from 0 to the top of its scale."""
    both = {"setback-before": room.before, "setback-now": room, "setback-beside": room.beside}
    lines = {
        style: [(week, curve.factor * mean) for week, mean in zip(*year.curve(curve.slot)) if not math.isnan(mean)]
        for style, year in both.items()
        if year is not None
    }
    top = max(curve.top, *(math.ceil(mean) for line in lines.values() for _, mean in line), 0.0)
    left, right, bottom, height = 28, 208, 146, 138

    def at(week: float, mean: float) -> str:
        return f"{left + (right - left) * week / room.weeks:.1f},{bottom - height * mean / top:.1f}"

    def text(week: float, mean: float, what: str, place: str) -> str:
        x, y = at(week, mean).split(",")
        return f'<text x="{x}" y="{y}" {place}>{what}</text>'

    drawn = [f'<path d="M{at(0, m)} L{at(room.weeks, m)}"/>' for m in (0.0, top / 2, top)]
    drawn += [text(0, m, f"{m:g}", 'dx="-6" dy="4" text-anchor="end"') for m in (0.0, top / 2, top)]
    drawn += [text(w, 0, f"{w}", 'dy="15" text-anchor="middle"') for w in sorted({0, room.weeks // 2, room.weeks})]
    for style, line in lines.items():
        drawn.append(
            f'<polyline class="{style}" points="{" ".join(at(*point) for point in line if point[0] <= room.weeks)}"/>'
        )
    says = "not known yet"
    if lines["setback-now"]:
        week, mean = lines["setback-now"][-1]
        last = f"{mean:.0f} %" if curve.factor > 1 else f"{mean:.2f}"
        x, y = at(week, mean).split(",")
        drawn += [
            f'<circle cx="{x}" cy="{y}" r="3"/>',
            text(room.weeks, mean, last, 'dx="8" dy="4" class="setback-last"'),
        ]
        says = f"{last} in week {week}"
    label = f"{curve.title}: {says}"
    return f'<div>{curve.title}<svg viewBox="0 0 250 168" role="img" aria-label="{label}">{"".join(drawn)}</svg></div>'
