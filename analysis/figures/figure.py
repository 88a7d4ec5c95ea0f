"""A figure that shows itself where it is the last line of a notebook's cell, whatever its backend."""

from __future__ import annotations

import io

from matplotlib import figure


class Figure(figure.Figure):
    """A matplotlib figure that no window owns; a notebook shows it as a picture."""

    def _repr_png_(self) -> bytes:
        stream = io.BytesIO()
        self.savefig(stream, format="png", dpi=110)
        return stream.getvalue()

    def __repr__(self) -> str:
        width, height = self.get_size_inches()
        return f"Figure({len(self.axes)} axes, {width:g} × {height:g} in; .savefig(path) saves it)"
