"""`setback live` as ``python -m setback.live``."""

import sys

from setback.door import main

if __name__ == "__main__":
    sys.argv.insert(1, "live")
    main()
