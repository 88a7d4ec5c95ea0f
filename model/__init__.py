"""The model: parameters, chance, the phases of a week, and the engines that walk them. Needs numpy alone."""

if __name__ != "setback.model":
    raise ImportError(f"{__name__!r} is a folder of setback's; install the project and import setback.model instead")
