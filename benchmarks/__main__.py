"""`python -m benchmarks`: see `report`."""

import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent

# The functions are measured from where they lie.
sys.path[:0] = [str(_ROOT / "functions"), str(_ROOT / "layers" / "core" / "python")]

if __name__ == "__main__":
    from benchmarks.report import main

    main()
