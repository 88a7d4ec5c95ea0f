"""Setback: an agent-based simulation of classroom failure dynamics."""

if __name__ != "setback":
    raise ImportError(f"{__name__!r} is a folder of setback's; install the project and import setback instead")
