"""The time a call takes by itself, in a process that also does other things."""

import time
from collections.abc import Callable

_TRIES = 3


def least_seconds(call: Callable[[], object], under: float = 0.0) -> float:
    """Return the least CPU time of this thread that `call` took, in seconds.

    What else happens to a process falls upon one call and not on the next: a collection of the garbage of a large
    process takes more than a second. What is slow by itself is slow each time. A time of at most `under` is not
    measured again.
    """
    least = float("inf")
    for _ in range(_TRIES):
        began = time.thread_time()
        call()
        least = min(least, time.thread_time() - began)
        if least <= under:
            break
    return least
