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
def kernels(request: pytest.FixtureRequest) -> None:
    """Keep compiled kernels with pytest's own cache, unless a folder is named."""
    assert request.config.cache is not None
    os.environ.setdefault("SETBACK_CACHE", str(request.config.cache.mkdir("kernels")))
