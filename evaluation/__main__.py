"""`python -m evaluation FILE`: see `report`."""

import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent

# Ingestion and core are run from where they lie.
sys.path[:0] = [str(_ROOT / "functions"), str(_ROOT / "layers" / "core" / "python")]

if __name__ == "__main__":
    from evaluation.report import main

    main()
