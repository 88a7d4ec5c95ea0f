"""What tests share: the real data, where they are, and kernels that are compiled once."""

import os
from pathlib import Path

import pytest


@pytest.fixture
def data() -> Path:
    """The folder with the real data sets."""
    folder = os.environ.get("SETBACK_DATA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("SETBACK_DATA names no folder with the data")
    return Path(folder)


@pytest.fixture(autouse=True, scope="session")
def kernels(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep compiled kernels with pytest's own cache, unless a folder is named."""
    cache = getattr(request.config, "cache", None)
    folder = cache.mkdir("kernels") if cache else tmp_path_factory.mktemp("kernels")
    os.environ.setdefault("SETBACK_CACHE", str(folder))


@pytest.fixture(autouse=True)
def task_by_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let results be read a task at a time, as where they are many: what is added up over parts is added up here."""
    monkeypatch.setattr("setback.analysis.load.ROWS_OF_A_PART", 1)
