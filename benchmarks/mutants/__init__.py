"""Mutants: whether the tests would notice single changed tokens, of the page's script and of Python."""
