"""The command line as ``python -m setback.cli``."""

from setback.door import main

if __name__ == "__main__":
    main()
