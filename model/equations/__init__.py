"""Equations: one short pure function for each causal claim, a file for each heading of the week."""
