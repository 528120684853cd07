"""`python -m uptimed` is the command `uptimed`."""

import sys

from uptimed.cli import main

if __name__ == "__main__":
    sys.exit(main())
