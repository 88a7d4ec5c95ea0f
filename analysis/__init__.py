"""Analysis: reads results, never runs a model; estimates with intervals, figures, words."""

if __name__ != "setback.analysis":
    raise ImportError(f"{__name__!r} is a folder of setback's; install the project and import setback.analysis instead")
