"""Experiments: what is run, over which policies, worlds and rooms, and where its results are kept."""

if __name__ != "setback.experiments":
    raise ImportError(
        f"{__name__!r} is a folder of setback's; install the project and import setback.experiments instead"
    )
