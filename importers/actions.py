"""What the words of a trade history mean for lots: buy, sell, reinvest, or nothing."""

import re

from engine.portfolio import Action

_WORDS = (
    (re.compile(r"re-?invest|\bdrip\b", re.IGNORECASE), Action.REINVEST),
    (re.compile(r"^\W*(?:you )?(?:buy|bought|purchased?)\b|^b$", re.IGNORECASE), Action.BUY),
    (re.compile(r"^\W*(?:you )?(?:sell|sold|sale)\b|^s$", re.IGNORECASE), Action.SELL),
)


def action_of(text: str) -> Action | None:
    """Return what a row of history did to the shares; None for dividends, interest, transfers and the like."""
    return next((action for words, action in _WORDS if words.search(text)), None)
