"""The page of the Mesa view, in components of Solara: the class, its year, and every number of the model.

This file alone imports Solara, which comes with ``pip install -e ".[live]"``.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import solara
from solara.alias import rv

from setback.live.drawing import STYLE, curves_html, diary_html, seats_html
from setback.live.inputs import chapters, inputs, matching, step_of
from setback.live.model import BESIDE, SERVED, LiveClassroom
from setback.model.mechanism import Param
from setback.model.week import Model

with warnings.catch_warnings(action="ignore"):  # Solara finds fault with Mesa's own components
    from mesa.visualization import SolaraViz
    from mesa.visualization.utils import update_counter


def component(function: Callable[..., None]) -> Any:
    """Make a function a component of Solara."""
    return solara.component(function)


@component
def Seats(model: LiveClassroom) -> None:  # noqa: N802
    """Show the class by seat, as it is now."""
    update_counter.get()
    with solara.Card("The class, seat by seat", margin=0):
        solara.HTML(tag="div", unsafe_innerHTML="" if model.refused else seats_html(model))


@component
def Curves(model: LiveClassroom) -> None:  # noqa: N802
    """Show the year so far."""
    update_counter.get()
    with solara.Card("The year so far", margin=0):
        solara.HTML(tag="div", unsafe_innerHTML="" if model.refused else curves_html(model))


@component
def Diary(model: LiveClassroom) -> None:  # noqa: N802
    """Show one student's weeks, in both classes where there are two."""
    update_counter.get()
    names = [] if model.refused else [student.name for student in model.students]
    name, choose = solara.use_state("")
    with solara.Card("The diary of a student", margin=0):
        solara.Select("Whose", values=names, value=name if name in names else None, on_value=choose)
        if name in names:
            solara.HTML(tag="div", unsafe_innerHTML=diary_html(model, names.index(name)))


@component
def Heading(room: Any) -> None:  # noqa: N802
    """Say which class is run, or why it cannot be."""
    update_counter.get()
    with rv.Sheet(class_="setback-heading"):
        if room.value.refused:
            solara.Error(f"No class can be run like this: {room.value.refused}. Change it, then press Reset.")
        else:
            solara.Text(room.value.title, classes=["setback-title"])


@component
def Number(row: Param, value: float, is_changed: bool, on_value: Any) -> None:  # noqa: N802
    """Show one number of the table: its slider, range, unit and sentence."""

    def move(number: float) -> None:
        on_value(row.name, min(max(round(number, 6), row.low), row.high))

    with solara.Div(classes=["setback-row"]):
        with solara.Row(justify="space-between", style="align-items: center; min-height: 36px"):
            solara.HTML(
                tag="div",
                unsafe_innerHTML=f"<b>{row.name.replace('_', ' ')}</b> = {value:g} <small>{escape(row.unit)}</small>",
            )
            if is_changed:
                solara.Button("put back", text=True, small=True, on_click=lambda: on_value(row.name, None))
        solara.SliderFloat("", value=value, min=row.low, max=row.high, step=step_of(row), on_value=move)
        solara.HTML(
            tag="small",
            unsafe_innerHTML=f"{row.low:g} to {row.high:g}, by default {row.default:g}. {escape(row.description)}",
            attributes={"title": f"{row.symbol}: {row.citation}"},
        )


@component
def Numbers(room: Any, changed: dict[str, float], model: Model) -> None:  # noqa: N802
    """Show every number of the table, chapter by chapter, found by a word, or as it was changed."""
    _, see = solara.use_state(0)
    text, find = solara.use_state("")
    open_, set_open = solara.use_state(None)

    levers = room.value.policy.in_week(room.value.week or 1)

    def change(name: str, value: float | None) -> None:
        changed.pop(name, None)
        if value is not None:
            changed[name] = value
        see(lambda count: count + 1)

    changing = solara.use_memo(lambda: change, [])  # one and the same, so that only what changed is drawn again

    def rows(of: Sequence[Param]) -> None:
        with solara.Div(classes=["setback-rows"]):
            for row in of:
                value = changed.get(row.name, levers[row.name] if row.kind == "policy" else row.default)
                Number(row, value, row.name in changed, changing).key(row.name)

    with solara.Card("Every number of the model", margin=0):
        solara.Text("A number that is changed here counts from the next Reset on.")
        solara.InputText("Find a number by a word", value=text, on_value=find, continuous_update=True)
        if changed:
            solara.Text(f"Changed ({len(changed)})", classes=["setback-title"])
            rows([model.table.by_name[name] for name in changed])
        if text.strip():
            found = matching(text, model)
            solara.Text(f"Found ({len(found)})", classes=["setback-title"])
            rows([row for row in found if row.name not in changed])
            return
        with rv.ExpansionPanels(v_model=open_, on_v_model=set_open, accordion=True, style_="margin-top: 16px"):
            for k, (chapter, of) in enumerate(chapters(model).items()):
                with rv.ExpansionPanel():
                    rv.ExpansionPanelHeader(children=[f"{chapter} ({len(of)})"])
                    with rv.ExpansionPanelContent():
                        if k == open_:
                            rows(of)


@component
def Page() -> None:  # noqa: N802
    """Lay out the page of one visitor, who has a class alone."""
    solara.Title("setback live")
    solara.Style(STYLE)
    changed: dict[str, float] = solara.use_memo(dict, [])
    model = SERVED[-1]
    room = solara.use_reactive(solara.use_memo(lambda: LiveClassroom(changed=changed, beside=BESIDE, model=model), []))
    last = solara.use_ref(room.value)
    if last.current is not room.value:
        before = last.current if last.current.week else last.current.before
        last.current.before, room.value.before, last.current = None, before, room.value
    choices = {name: about for name, about in inputs(model).items() if name not in model.table.by_name}
    Heading(room)
    SolaraViz(
        room,
        components=[(Seats, 0), (Curves, 0), (Diary, 0)],
        name="setback live",
        model_params={**choices, "changed": changed, "model": model},
    )
    Numbers(room, changed, model)
