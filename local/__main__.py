"""`python -m local`: the stack on this machine. See `python -m local --help`."""

import sys

from local.layout import ROOT

# The functions share this package through a layer; here it is used from where it lies.
sys.path.insert(0, str(ROOT / "layers" / "core" / "python"))

if __name__ == "__main__":
    from local.cli import main

    sys.exit(main())
