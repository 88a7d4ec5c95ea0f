"""The report of a study: one page that holds what was asked, what was found, how sure it is, and how to repeat it."""

from setback.analysis.report.page import build, check_reportable, write_report
from setback.analysis.report.section import Asked, Column, Picture, Section, Table
from setback.analysis.report.sections import SECTIONS, sections

__all__ = [
    "SECTIONS", "Asked", "Column", "Picture", "Section", "Table", "build", "check_reportable", "sections",
    "write_report",
]  # fmt: skip
