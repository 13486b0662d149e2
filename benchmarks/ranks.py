"""Whether two sides differ, by ranks: Wilcoxon's signed-rank test over pairs that were measured in turn.

It asks for no shape of the times, and one that was slow for reasons of the machine counts for no more than its rank.
"""

import math
from collections.abc import Sequence


def chance(differences: Sequence[float]) -> float:
    """How often chance alone sets two equal sides at least so far apart (two-sided, by the normal approximation).

    Made for hundreds of pairs; those without a difference say nothing and are left out.
    """
    ranked = sorted((each for each in differences if each), key=abs)
    n = len(ranked)
    if n == 0:
        return 1.0
    positive = sum(rank for rank, difference in enumerate(ranked, start=1) if difference > 0)
    deviations = (positive - n * (n + 1) / 4) / math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    return math.erfc(abs(deviations) / math.sqrt(2))
