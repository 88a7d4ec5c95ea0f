"""The figures: axes with units, colours that everybody can tell apart, intervals wherever there is luck."""

from setback.analysis.figures.ablation import ablation_figure
from setback.analysis.figures.audit import audit_figure
from setback.analysis.figures.breakdown import breakdown_figure
from setback.analysis.figures.claims import claims_figure, lags_figure
from setback.analysis.figures.classroom import classroom_figure
from setback.analysis.figures.contrast import contrast_figure
from setback.analysis.figures.decision import decision_figure
from setback.analysis.figures.discovery import discovery_figure
from setback.analysis.figures.evidence import evidence_figure
from setback.analysis.figures.fit import forest_figure
from setback.analysis.figures.gradebook import gradebook_figure
from setback.analysis.figures.gradebook_fit import gradebook_fit_figure
from setback.analysis.figures.groups import groups_figure
from setback.analysis.figures.map import class_figure, map_figure
from setback.analysis.figures.mediation import mediation_figure
from setback.analysis.figures.power import power_figure
from setback.analysis.figures.profile import STATE_COLOURS, profile_figure
from setback.analysis.figures.sensitivity import sensitivity_figure
from setback.analysis.figures.student_map import student_map_figure
from setback.analysis.figures.style import check_picture, save
from setback.analysis.figures.switch import switch_figure
from setback.analysis.figures.verdicts import verdicts_figure

__all__ = [
    "STATE_COLOURS", "ablation_figure", "audit_figure", "breakdown_figure", "check_picture", "claims_figure",
    "class_figure", "classroom_figure", "contrast_figure", "decision_figure", "discovery_figure", "evidence_figure",
    "forest_figure", "gradebook_figure", "gradebook_fit_figure", "groups_figure", "lags_figure", "map_figure",
    "mediation_figure", "power_figure", "profile_figure", "save", "sensitivity_figure", "student_map_figure",
    "switch_figure", "verdicts_figure",
]  # fmt: skip
