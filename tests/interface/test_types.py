"""What checkers of types say: every example of the documents is taken, wrong calls are refused, results have a type."""

import importlib.util

import examples
import pytest

pytestmark = pytest.mark.slow


@pytest.mark.skipif(not importlib.util.find_spec("basedpyright") or not importlib.util.find_spec("mypy"),
                    reason="the checkers come with the extra lint")  # fmt: skip
def test_examples_and_wrong_calls() -> None:
    """By mypy and by pyright; what is wrong is listed."""
    assert examples.complaints() == []


def test_examples_are_found() -> None:
    """Those of the README, of the documents and of docstrings."""
    stems = {path.stem for path in examples.written()}
    assert {"readme", "custom", "studies", "setback_module"} <= stems and len(stems) > 15
