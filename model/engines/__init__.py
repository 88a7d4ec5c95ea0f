"""Engines: what runs a block of classrooms through the ordered lists of phases, each its own way."""
