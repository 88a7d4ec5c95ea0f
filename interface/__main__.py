"""The command line as ``python -m setback``."""

from setback.door import main

if __name__ == "__main__":
    main()
