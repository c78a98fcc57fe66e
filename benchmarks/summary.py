"""What is reported of a series of measurements."""

import math
from collections.abc import Sequence


def milliseconds(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile and fastest, in milliseconds, with the number of runs."""
    ranked = sorted(seconds)
    return {
        "p50": round(_percentile(ranked, 0.50) * 1000, 2),
        "p95": round(_percentile(ranked, 0.95) * 1000, 2),
        "min": round(ranked[0] * 1000, 2),
        "runs": len(ranked),
    }


def _percentile(ranked: Sequence[float], share: float) -> float:
    """The nearest-rank percentile."""
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]
