"""What tests of rosters share: a roster from a text and a mapping, and what is said of one that cannot be made."""

from collections.abc import Callable
from pathlib import Path

import pytest

from setback.model.errors import InputError
from setback.model.rosters.roster import Roster

Made = Callable[..., Roster]
Said = Callable[..., str]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Reads a file pupils.csv with a text through a mapping rules.toml with another."""

    def read(text: str | bytes, mapping: str | None = None) -> Roster:
        (tmp_path / "pupils.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
        (tmp_path / "rules.toml").write_text(mapping or "", encoding="utf-8")
        return Roster.read(tmp_path / "pupils.csv", tmp_path / "rules.toml" if mapping is not None else None)

    return read


@pytest.fixture
def said(made: Made) -> Said:
    """What is said of a file and a mapping that cannot be used: one printable line."""

    def refused(text: str | bytes, mapping: str | None = None) -> str:
        with pytest.raises(InputError) as error:
            made(text, mapping)
        message = str(error.value)
        assert message.isprintable()
        return message

    return refused
