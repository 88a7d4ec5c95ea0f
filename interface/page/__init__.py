"""The classroom page: one HTML file that holds the model itself, two classrooms, and all its words."""

from setback.page.build import build, write_page

__all__ = ["build", "write_page"]
