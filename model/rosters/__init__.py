"""Rosters: who sits in the classes, read from the files that schools have, or made up."""
