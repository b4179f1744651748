"""What the tests of batches give to worker processes: at the top of a module, so that it pickles by name."""

import os
import signal
import time

DEADLY = 3


def slow_first(number: int) -> int:
    if number == 0:
        time.sleep(0.3)
    return number


def die_on_three(number: int) -> int:
    """End the worker as the operating system does when memory runs out."""
    if number == DEADLY:
        os.kill(os.getpid(), signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    return number


def raise_on_three(number: int) -> int:
    if number == DEADLY:
        raise ValueError("three")
    return number
