"""The summary of the reference report, as it is printed for those who decide."""

import re
from pathlib import Path
from typing import Any

SUMMARY = Path(__file__).parents[2] / "results" / "claims" / "reference" / "summary.html"


def test_it_is_one_page(browser: Any) -> None:
    """Of A4, its foot included."""
    page = browser.new_page()
    page.goto(SUMMARY.as_uri())
    sheet = page.pdf(prefer_css_page_size=True)
    page.close()
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
