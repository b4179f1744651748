"""What the words of a trade history mean for lots: buy, sell, reinvest, or nothing."""

import re
from decimal import Decimal

from engine.portfolio import Action
from importers.records import ActivityKind

_WORDS = (
    (re.compile(r"re-?invest|\bdrip\b", re.IGNORECASE), Action.REINVEST),
    (re.compile(r"^\W*(?:you )?(?:buy|bought|purchased?)\b|^b$", re.IGNORECASE), Action.BUY),
    (re.compile(r"^\W*(?:you )?(?:sell|sold|sale)\b|^s$", re.IGNORECASE), Action.SELL),
)


def action_of(text: str) -> Action | None:
    """Return what a row of history did to the shares; None for dividends, interest, transfers and the like."""
    return next((action for words, action in _WORDS if words.search(text)), None)


Meaning = Action | ActivityKind | tuple[ActivityKind, ActivityKind]
"""What a custodian's word says a row did; of a pair the first where something comes in, the second where it goes."""

_PAID = (ActivityKind.DEPOSIT, ActivityKind.WITHDRAWAL)
_MOVED = (ActivityKind.TRANSFER_IN, ActivityKind.TRANSFER_OUT)
_SCHWAB: tuple[tuple[Meaning, tuple[str, ...]], ...] = (
    (Action.BUY, ("buy",)),
    (Action.SELL, ("sell",)),
    (Action.REINVEST, ("reinvest shares",)),
    (
        ActivityKind.OPTION,
        (
            *("buy to open", "sell to close", "sell to open", "buy to close", "expired", "assigned"),
            "exchange or exercise",
        ),
    ),
    (
        ActivityKind.DIVIDEND,
        (
            *("reinvest dividend", "qual div reinvest", "pr yr div reinvest", "cash dividend", "qualified dividend"),
            *("non-qualified div", "special dividend", "special qual div", "special non qual div", "pr yr cash div"),
            *("pr yr special div", "pr yr non qual div", "pr yr non-qual div", "pr yr qual div"),
        ),
    ),
    (ActivityKind.CAPITAL_GAIN_LONG, ("long term cap gain", "long term cap gain reinvest")),
    (ActivityKind.CAPITAL_GAIN_SHORT, ("short term cap gain", "short term cap gain reinvest")),
    (
        ActivityKind.INTEREST,
        ("bank interest", "bond interest", "credit interest", "cd interest", "margin interest"),
    ),
    (ActivityKind.JOURNAL, ("journal", "journaled shares", "cd deposit funds", "cd deposit adj")),
    (ActivityKind.SPLIT, ("stock split", "reverse split")),
    (ActivityKind.CASH_IN_LIEU, ("cash in lieu",)),
    (ActivityKind.MERGER, ("cash merger", "cash merger adj", "stock merger")),
    (_MOVED, ("stock plan activity", "security transfer", "internal transfer")),
    (
        _PAID,
        (
            *("moneylink transfer", "moneylink deposit", "moneylink adj", "wire sent", "wire received", "wire funds"),
            *("wire funds received", "funds received", "promotional award"),
        ),
    ),
    (ActivityKind.FEE, ("service fee", "adr mgmt fee")),
    (ActivityKind.TAX_WITHHELD, ("foreign tax paid", "nra tax adj", "nra withholding")),
)
_SCHWAB_WORDS = {word: meaning for meaning, words in _SCHWAB for word in words}
# shares that lapse come in by the deposit that follows, so the lapse itself moves none
_AWARDS: dict[str, Meaning] = {
    "sale": Action.SELL,
    "deposit": ActivityKind.TRANSFER_IN,
    "lapse": ActivityKind.OTHER,
    "journal": ActivityKind.JOURNAL,
    "dividend": ActivityKind.DIVIDEND,
    "tax withholding": ActivityKind.TAX_WITHHELD,
    "wire transfer": _PAID,
    "forced disbursement": ActivityKind.WITHDRAWAL,
}
_FIDELITY: tuple[tuple[str, Meaning], ...] = (
    (r"expired |assigned |exercised |you (?:bought|sold).* (?:opening|closing) transaction", ActivityKind.OPTION),
    (r"you bought", Action.BUY),
    (r"you sold", Action.SELL),
    (r"(?:purchase into|redemption from) core", ActivityKind.JOURNAL),
    (r"reinvestment", Action.REINVEST),
    (r"dividend received", ActivityKind.DIVIDEND),
    (r"long.term cap gain", ActivityKind.CAPITAL_GAIN_LONG),
    (r"short.term cap gain", ActivityKind.CAPITAL_GAIN_SHORT),
    (r"(?:margin )?interest", ActivityKind.INTEREST),
    (r"foreign tax paid|(?:adj )?non-resident tax|(?:fed|state) tax w/h", ActivityKind.TAX_WITHHELD),
    (r"fee charged|foreign custody fee|adr? .*fee|asset/acct fee|advis[oe]ry? fee", ActivityKind.FEE),
    (r"in lieu of", ActivityKind.CASH_IN_LIEU),
    (r"merger|exchanged to", ActivityKind.MERGER),
    (r"(?:reverse |stock )?split|distribution", ActivityKind.SPLIT),
    (r"transferred (?:from|to)|transfer of assets", _MOVED),
    (r"direct (?:debit|deposit)|electronic funds transfer|wire transfer|check (?:received|paid)|bill payment", _PAID),
    (r"(?:cash )?contribution|normal distr|debit card|cash advance", _PAID),
    (r"journaled|redemption payout", ActivityKind.JOURNAL),
)
_FIDELITY_STARTS = tuple((re.compile(words, re.IGNORECASE), meaning) for words, meaning in _FIDELITY)


def schwab_meaning(word: str) -> Meaning | None:
    """Return what an action of a Schwab brokerage history means; None for a word that is not known."""
    return _SCHWAB_WORDS.get(" ".join(word.casefold().split()))


def award_meaning(word: str) -> Meaning | None:
    """Return what an action of a Schwab equity award history means; None for a word that is not known."""
    return _AWARDS.get(" ".join(word.casefold().split()))


def fidelity_meaning(sentence: str) -> Meaning | None:
    """Return what a sentence of a Fidelity history means by how it begins; None where that is not known."""
    bare = " ".join(sentence.split())
    return next((meaning for words, meaning in _FIDELITY_STARTS if words.match(bare)), None)


def one_meaning(meaning: Meaning, figure: Decimal | None) -> Action | ActivityKind:
    """Return the meaning that holds for the cash, or else the shares, that came (0 and above) or went."""
    if isinstance(meaning, tuple):
        return meaning[0 if (figure or 0) >= 0 else 1]
    return meaning
