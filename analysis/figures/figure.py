"""A figure that shows itself where it is the last line of a notebook's cell, whatever its backend."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from matplotlib import figure
from matplotlib.text import Text

if TYPE_CHECKING:
    from matplotlib.backend_bases import RendererBase

#: What is meant as a formula: the symbols of `setback.analysis.figures.style.symbols`, and powers beside an axis.
FORMULA = re.compile(r"\$(\w_[Fh1A]|\\mathdefault\{[^$]*)\$")


class Figure(figure.Figure):
    """A matplotlib figure that no window owns; a notebook shows it as a picture."""

    def draw(self, renderer: RendererBase) -> None:
        """Draw it; a dollar in the name of a group or in a question is one, and opens no formula."""
        texts: list[Any] = self.findobj(Text)
        for text in texts:
            if "$" in FORMULA.sub("", text.get_text()):
                text.set_parse_math(False)
        super().draw(renderer)

    def _repr_png_(self) -> bytes:
        stream = io.BytesIO()
        self.savefig(stream, format="png", dpi=110)
        return stream.getvalue()

    def __repr__(self) -> str:
        width, height = self.get_size_inches()
        return f"Figure({len(self.axes)} axes, {width:g} × {height:g} in; .savefig(path) saves it)"
