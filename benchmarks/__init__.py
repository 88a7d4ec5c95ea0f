"""Benchmarks: the speed of the engines side by side, against an independent plain Mesa model."""

if __name__ != "setback.benchmarks":
    raise ImportError(
        f"{__name__!r} is a folder of setback's; install the project and import setback.benchmarks instead"
    )
