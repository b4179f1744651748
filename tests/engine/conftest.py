"""In the engine's tests a float never slips into money: mixing one with a Decimal raises, as in the program."""

import decimal
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def no_floats_in_money() -> Iterator[None]:
    """Trap what the command line and the window trap."""
    with decimal.localcontext() as context:
        context.traps[decimal.FloatOperation] = True
        yield
