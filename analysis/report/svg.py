"""Figures as SVG in the page itself: nothing that its security policy has to allow, and no name twice."""

from __future__ import annotations

import contextlib
import io
import logging
import re
from collections.abc import Iterator
from xml.etree import ElementTree as Xml

import matplotlib as mpl

from setback.analysis.figures.figure import Figure

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
#: Letters as text, which can be searched, copied and read aloud; Verdana is as wide as the letters that are measured.
LETTERS = "DejaVu Sans, Verdana, sans-serif"
#: What matplotlib writes as a style, and SVG takes as an attribute too.
ATTRIBUTES = {
    "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-linejoin", "stroke-linecap",
    "stroke-miterlimit", "stroke-dasharray", "stroke-dashoffset", "stroke-opacity", "opacity", "text-anchor",
    "font-size", "font-family", "font-style", "font-weight",
}  # fmt: skip
#: What it writes besides and nothing depends on.
DROPPED = {"mix-blend-mode", "image-rendering", "isolation"}


def inline(figure: Figure, name: str, label: str, key: str) -> str:
    """Give a figure as an SVG element of an HTML page.

    Styles become attributes, so that the page needs to allow no inline style; identifiers begin with `name`.

    Args:
        figure: the figure.
        name: tells it from the other figures of the page.
        label: what it shows, for those who do not see it.
        key: the hash of the study, for the metadata.
    """
    stream = io.BytesIO()
    # of formulae matplotlib looks for each kind of letters that it might name, and says which are not there
    with _quiet("matplotlib.font_manager"), mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "setback"}):
        figure.savefig(stream, format="svg", metadata={"Date": None})
    Xml.register_namespace("", SVG)
    root = Xml.fromstring(stream.getvalue())
    for parent in [*root.iter()]:
        for child in [*parent]:
            if child.tag in (f"{{{SVG}}}metadata", f"{{{SVG}}}style"):
                parent.remove(child)
    root.attrib.update({"stroke-linejoin": "round", "stroke-linecap": "butt", "role": "img", "aria-label": label})
    used = set(re.findall(r"#([\w.-]+)", " ".join(v for part in root.iter() for v in part.attrib.values())))
    for part in root.iter():
        _styled(part)
        _renamed(part, name, used)
    about = Xml.Element(f"{{{SVG}}}metadata")
    about.text = f"setback results {key}"
    root.insert(0, about)
    return Xml.tostring(root, encoding="unicode")


@contextlib.contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Have a part of the program say errors alone."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def _styled(part: Xml.Element) -> None:
    """Write the style of an element as attributes."""
    for rule in filter(None, (rule.strip() for rule in part.attrib.pop("style", "").split(";"))):
        name, _, value = (text.strip() for text in rule.partition(":"))
        if name == "font":
            found = re.fullmatch(r"(?:(italic|oblique) )?(?:(bold|\d+) )?([\d.]+)px .*", value)
            assert found, f"a font that is not known: {value}"
            given = {"font-style": found[1], "font-weight": found[2], "font-size": found[3], "font-family": LETTERS}
            part.attrib.update({name: value for name, value in given.items() if value})
        elif name in ATTRIBUTES:
            part.set(name, LETTERS if name == "font-family" else value.removesuffix("px"))
        else:
            assert name in DROPPED, f"a style that is not known: {name}"


def _renamed(part: Xml.Element, name: str, used: set[str]) -> None:
    """Keep the identifiers that something refers to, under names of this figure's own."""
    if (mine := part.attrib.pop("id", "")) in used:
        part.set("id", f"{name}-{mine}")
    for attribute, value in [*part.attrib.items()]:
        if attribute == f"{{{XLINK}}}href":
            del part.attrib[attribute]
            part.set("href", value.replace("#", f"#{name}-", 1) if value.startswith("#") else value)
        elif "url(#" in value:
            part.set(attribute, value.replace("url(#", f"url(#{name}-"))
