"""The Mesa view: one class in Mesa's SolaraViz, with every number of the parameter table, on this computer alone.

Each visitor has a class of one's own, made when the page is opened. What is chosen on the page begins with Reset,
as everywhere in Mesa: `LiveClassroom` takes the choices as plain keywords, and `inputs` describes them to Mesa.
"""

from __future__ import annotations

import errno
import math
import os
import socket
import warnings
import webbrowser
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from html import escape
from typing import Any, NamedTuple

import mesa

from setback.model.chance import LIMIT
from setback.model.engines.mesa import Classroom
from setback.model.errors import InputError, shown, whole
from setback.model.keep import Keep
from setback.model.mechanism import Param
from setback.model.outcomes import STATES, states
from setback.model.parameters import LEVER_NAMES
from setback.model.policies import GROUPS, REFERENCE, PolicyChange, group
from setback.model.rosters.roster import CLASS_SIZE, LARGEST, SMALLEST, Roster
from setback.model.week import MODEL, Model
from setback.watch import MARKS, MEANING

try:
    import solara
    from solara.alias import rv

    with warnings.catch_warnings(action="ignore"):  # Solara finds fault with Mesa's own components
        from mesa.visualization import SolaraViz
        from mesa.visualization.utils import update_counter

    MISSING = ""
except ModuleNotFoundError as error:  # `serve` says so; the rest of this file does without
    MISSING = error.name or "solara"

#: Only this computer can open the page, here unless another port is named.
HOST, PORT = "127.0.0.1", 8765
#: Weeks of a year, by default and at most.
WEEKS, MOST_WEEKS = 36, 60

#: What each menu of policies is called.
MENUS = {
    "grading": "Grading",
    "pacing": "Pace",
    "sequence": "Order of teaching",
    "support": "Help from the teacher",
    "climate": "What is said about errors",
}
#: The chapters of the parameter table, each by the row it begins with; rows of one's own follow after the last.
CHAPTERS = {
    "knowledge_mean": "Who sits in the class",
    "drift_sd": "What wanders and what fades",
    "grade_incentive_size": "Effort, handing in, stopping",
    "revisiting_cost": "Practice, errors, instruction",
    "pressure_capacity": "Tests and taking them again",
    "consensus": "Reading the cause",
    "unlabelled": "What failing and succeeding do to a student",
    "time_feedback": "Teacher time outside lessons",
    "strength_drift": "Mechanisms, on or off",
    "told": "Policy, lever by lever",
}
OWN = "Of one's own"


class Curve(NamedTuple):
    """One curve of the page: a slot whose mean over the class is drawn, its title, and its factor and top."""

    slot: str
    title: str
    factor: float
    top: float


CURVES = (
    Curve("below_criterion", "Failing the test (ii), % of the class", 100.0, 100.0),
    Curve("affect", "Shame and anxiety, mean in points", 1.0, 1.0),
    Curve("control", "Perceived control, mean in %", 100.0, 100.0),
    Curve("expectancy", "Success expectancy, mean in %", 100.0, 100.0),
)


# ---- the class, of plain keywords --------------------------------------------------------------------------
class LiveClassroom(Classroom):
    """A class made of what a page hands over, which refuses in a sentence (`refused`) what cannot be lived.

    >>> LiveClassroom(grading="curve", size=20, big_fish=0.9).policy.name
    'curve'

    Args:
        size: students in the class.
        weeks: the length of the year.
        seed: a whole number, or a text that is one.
        policy: a policy as a text, in place of the parts; it may change in mid-year.
        changed: numbers of the parameter table by name, policy levers and world alike.
        model: the model.
        **kwargs: parts of the policy by group (a name, or a name with its sentence as in `inputs`), and more numbers.
    """

    def __init__(
        self,
        size: int = CLASS_SIZE,
        weeks: int = WEEKS,
        seed: int | str = 0,
        policy: str = "",
        changed: Mapping[str, float] | None = None,
        model: Model = MODEL,
        **kwargs: Any,
    ) -> None:
        self.refused = ""
        try:
            parts = [str(kwargs.pop(g, default)).partition(":")[0] for g, default in zip(GROUPS, REFERENCE)]
            self.changed = {**(changed or {}), **kwargs}
            levers = {k: v for k, v in self.changed.items() if k in LEVER_NAMES}
            weeks = whole("weeks", weeks, 1, MOST_WEEKS)
            stages = model.as_policy(policy.strip() or "+".join(parts), weeks).stages
            (_, first), *later = [(week, model.policy(stage.name, **levers)) for week, stage in stages]
            given: dict[str, Any] = {
                "policy": PolicyChange(first, *later) if later else first,
                "parameters": model.parameters({k: v for k, v in self.changed.items() if k not in LEVER_NAMES}),
                "roster": Roster.synthetic(size),
                "weeks": weeks,
                "seed": _seed(seed),
            }
        except InputError as error:
            self.refused, self.changed, given = str(error), {}, {}
        super().__init__(**given, keep=Keep(), model=model)
        self.running = not self.refused
        self.before: LiveClassroom | None = None
        means = {curve.slot: partial(_mean, curve.slot) for curve in CURVES}
        self.datacollector = mesa.DataCollector(model_reporters={"week": "week", **means})
        self.datacollector.collect(self)

    def step(self) -> None:
        """Live through one week; after the last one, and in a class that is refused, nothing happens."""
        if self.running:
            super().step()
        self.steps = self.week

    @property
    def title(self) -> str:
        """Which class this is, and how far its year has come."""
        levers = [name for name in self.changed if name not in LEVER_NAMES]  # those of the policy are in its name
        changed = "".join(f", {name}={self.changed[name]:g}" for name in levers)
        who = f"{len(self.students)} students, seed {self.block.seats.seed}"
        return f"Week {self.week} of {self.weeks}: {self.policy.name}{changed}; {who}"

    def curve(self, slot: str) -> tuple[list[int], list[float]]:
        """Weeks lived through, from 0, and the mean of the class in each."""
        kept = self.datacollector.model_vars
        return kept["week"], kept[slot]


def _seed(seed: int | str) -> int:
    try:
        return whole("seed", int(seed) if isinstance(seed, str) else seed, 0, LIMIT - 1)
    except ValueError:
        raise InputError(f"seed is {shown(seed)}; it needs a whole number from 0 to {LIMIT - 1}") from None


def _mean(slot: str, room: LiveClassroom) -> float:
    """The mean of the class; not known of a test before the first week."""
    return float(room.slots[slot].mean()) if room.week or slot != "below_criterion" else math.nan


# ---- what can be chosen ------------------------------------------------------------------------------------
def inputs(model: Model = MODEL) -> dict[str, dict[str, Any]]:
    """Give every choice as Mesa describes user inputs: five menus, the class, and each row of the parameter table."""
    menus: dict[str, dict[str, Any]] = {
        g: {
            "type": "Select",
            "label": MENUS[g],
            "value": said(default),
            "values": [said(part, model) for part in group(g, model.parts)],
        }
        for g, default in zip(GROUPS, REFERENCE)
    }
    of_class: dict[str, dict[str, Any]] = {
        "size": {
            "type": "SliderInt",
            "label": f"Students, {SMALLEST} to {LARGEST}",
            "value": CLASS_SIZE,
            "min": SMALLEST,
            "max": LARGEST,
        },
        "weeks": {
            "type": "SliderInt",
            "label": f"Weeks, 1 to {MOST_WEEKS}",
            "value": WEEKS,
            "min": 1,
            "max": MOST_WEEKS,
        },
        "seed": {"type": "InputText", "label": "Seed: the same students and luck", "value": "0"},
        "policy": {"type": "InputText", "label": "In place of the menus, as in curve > mastery @ 19", "value": ""},
    }
    rows = {
        row.name: {
            "type": "SliderFloat", "label": f"{row.name} ({row.unit}): {row.description}", "value": row.default,
            "min": row.low, "max": row.high, "step": step_of(row),
        }
        for row in model.table.rows
    }  # fmt: skip
    return {**menus, **of_class, **rows}


def said(part: str, model: Model = MODEL) -> str:
    """Give a part of a policy in plain words, its name first."""
    return f"{part}: {model.parts[part].description}"


def step_of(row: Param) -> float:
    """A round step of a slider: 40 to 400 of them fill the range."""
    return float(10.0 ** math.floor(math.log10((row.high - row.low) / 40)))


def chapters(model: Model = MODEL) -> dict[str, list[Param]]:
    """Give the rows of the parameter table by chapter, what a school can move first."""
    found: dict[str, list[Param]] = {CHAPTERS["told"]: []}
    chapter = OWN
    for row in model.table.rows:
        chapter = CHAPTERS.get(row.name, chapter)
        if chapter == CHAPTERS["told"] and row.kind != "policy":
            chapter = OWN
        found.setdefault(chapter, []).append(row)
    return found


def matching(text: str, model: Model = MODEL) -> list[Param]:
    """Give the rows in whose name or sentence each word of a text stands."""
    words = text.lower().replace("_", " ").split()
    return [
        r for r in model.table.rows if all(w in f"{r.name} {r.description}".lower().replace("_", " ") for w in words)
    ]


# ---- the page ----------------------------------------------------------------------------------------------
def component(function: Callable[..., None]) -> Any:
    """A component of Solara, where Solara is installed."""
    return function if MISSING else solara.component(function)


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
.setback-curves circle, .setback-last { fill: #1976d2; font-weight: bold }
.setback-now { stroke: #1976d2 }
.setback-before { stroke: #aaa }
.setback-rows { display: grid; grid-template-columns: repeat(auto-fill, minmax(360px, 1fr)) }
.setback-rows { gap: 10px 32px; margin: 8px 0 }
"""
INK = ("#000", "#000", "#000", "#fff", "#fff")


def _cell(tag: str, state: int, inner: str, about: str = "") -> str:
    from setback.analysis.figures import STATE_COLOURS

    style = f"background:{STATE_COLOURS[STATES[state]]};color:{INK[state]}"
    return f'<{tag} style="{style}" title="{escape(about)}">{inner}</{tag}>'


def seats_html(room: LiveClassroom) -> str:
    """The class by seat, each student's state by colour and by mark, and what they mean."""
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
    """The curves of the year, each with its last value; those of the class before the last Reset in grey."""
    note = "" if room.before is None else f"<small>Grey, before Reset: {escape(room.before.title)}</small>"
    return f'<div class="setback-curves">{"".join(_curve_html(room, curve) for curve in CURVES)}</div>{note}'


def _curve_html(room: LiveClassroom, curve: Curve) -> str:
    """One curve as a small picture: weeks to the right, from 0 to the top of its scale."""
    both = {"setback-before": room.before, "setback-now": room}
    lines = {
        style: [(week, curve.factor * mean) for week, mean in zip(*lived.curve(curve.slot)) if not math.isnan(mean)]
        for style, lived in both.items()
        if lived is not None
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


@component
def Seats(model: LiveClassroom) -> None:  # noqa: N802
    """The class by seat, as it is now."""
    update_counter.get()
    with solara.Card("The class, seat by seat", margin=0):
        solara.HTML(tag="div", unsafe_innerHTML="" if model.refused else seats_html(model))


@component
def Curves(model: LiveClassroom) -> None:  # noqa: N802
    """The year so far."""
    update_counter.get()
    with solara.Card("The year so far", margin=0):
        solara.HTML(tag="div", unsafe_innerHTML="" if model.refused else curves_html(model))


@component
def Heading(room: Any) -> None:  # noqa: N802
    """Which class is lived, or why it cannot be."""
    update_counter.get()
    with rv.Sheet(class_="setback-heading"):
        if room.value.refused:
            solara.Error(f"No class can live like this: {room.value.refused}. Change it, then press Reset.")
        else:
            solara.Text(room.value.title, classes=["setback-title"])


@component
def Number(row: Param, value: float, is_changed: bool, on_value: Any) -> None:  # noqa: N802
    """One number of the table: its slider, range, unit and sentence."""

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
    """Every number of the table, chapter by chapter, found by a word, or as it was changed."""
    _, see = solara.use_state(0)
    text, find = solara.use_state("")
    open_, set_open = solara.use_state(None)

    def change(name: str, value: float | None) -> None:
        changed.pop(name, None)
        if value is not None:
            changed[name] = value
        see(lambda count: count + 1)

    changing = solara.use_memo(lambda: change, [])  # one and the same, so that only what changed is drawn again

    levers = room.value.policy.in_week(room.value.week or 1)

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


#: The model whose class the page shows: the last that was served. Solara opens a page by the name of this file alone.
SERVED: list[Model] = [MODEL]


@component
def Page() -> None:  # noqa: N802
    """The page of one visitor, with a class of its own."""
    solara.Title("setback live")
    solara.Style(STYLE)
    changed: dict[str, float] = solara.use_memo(dict, [])
    model = SERVED[-1]
    room = solara.use_reactive(solara.use_memo(lambda: LiveClassroom(changed=changed, model=model), []))
    last = solara.use_ref(room.value)
    if last.current is not room.value:
        lived = last.current if last.current.week else last.current.before
        last.current.before, room.value.before, last.current = None, lived, room.value
    choices = {name: about for name, about in inputs(model).items() if name not in model.table.by_name}
    Heading(room)
    SolaraViz(
        room,
        components=[(Seats, 0), (Curves, 0)],
        name="setback live",
        model_params={**choices, "changed": changed, "model": model},
    )
    Numbers(room, changed, model)


# ---- the server --------------------------------------------------------------------------------------------
def serve(port: int = PORT, is_opened: bool = False, model: Model = MODEL) -> None:
    """Serve the page to this computer until Ctrl-C.

    Args:
        port: where; 0 is any that is free.
        is_opened: open a browser on it.
        model: the model.

    Raises:
        InputError: Solara is not installed, or the port cannot be had.
    """
    whole("port", port, 0, 65535)
    SERVED[:] = [model]
    if MISSING:
        raise InputError(f'the Mesa view needs {MISSING}, which is not installed; pip install -e ".[live]" brings it')
    with socket.socket() as door:
        if os.name == "posix":  # elsewhere this would let two servers have one port
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((HOST, port))
            door.listen()
        except OSError as error:
            why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be had ({error.strerror})"
            raise InputError(f"port {port} {why}; name another one with --port, or 0 for any that is free") from None
        address = f"http://{HOST}:{door.getsockname()[1]}"
        print(f"the Mesa view is at {address}, for this computer only; Ctrl-C ends it", flush=True)
        if is_opened:
            webbrowser.open(address)
        try:
            _serve(door)
        except KeyboardInterrupt:
            print("\nthe Mesa view has ended", flush=True)


class OnlyHere:
    """Lets in what asks for this computer by its own name, and from its own pages: no other page reads or steers it.

    A page of another site can send a browser here, by a name that leads to this computer; but then the request says
    so in its Host or its Origin, which no page can change.
    """

    def __init__(self, app: Any, port: int) -> None:
        self.app = app
        self.hosts = {f"{name}:{port}".encode() for name in (HOST, "localhost", "[::1]")}
        self.origins = {b"http://" + host for host in self.hosts}

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        """Answer one request, or open one websocket."""
        headers = scope.get("headers", ())
        hosts, origins = ([text.lower() for name, text in headers if name == of] for of in (b"host", b"origin"))
        if scope["type"] == "lifespan" or (len(hosts) == 1 and {*hosts} <= self.hosts and {*origins} <= self.origins):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # before it is open: an answer of 403
        else:
            plain = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": 403, "headers": plain})
            address = min(self.origins).decode()
            await send({"type": "http.response.body", "body": f"open {address} on this computer\n".encode()})


def _serve(door: socket.socket) -> None:
    """Run Solara's server behind an open door, without any word to anybody else."""
    os.environ["SOLARA_APP"] = __name__
    import uvicorn
    from solara.server import settings, starlette

    settings.telemetry.mixpanel_enable = False
    settings.main.mode = "production"
    settings.theme.title, settings.theme.show_banner = "setback live", False
    solara.settings.assets.cdn = "offline:"  # what solara[assets] does not hold is missing, not fetched
    warnings.filterwarnings("ignore", message="Cookies with samesite=none")
    app = OnlyHere(starlette.app, door.getsockname()[1])
    config = uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[door])
