"""Failure twins: the same student-week run twice, failed and passed, with all other luck the same."""
