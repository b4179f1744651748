"""The sentence that goes with a pre-trade wash analysis."""

from engine.tax.pretrade_types import SaleWash, WashState


def gain_words() -> str:
    """Say that a sale at no loss cannot be washed."""
    return "No shares are sold at a loss; a gain is never adjusted (IRC 1091(a))."


def sheltered_words() -> str:
    """Say that an account without tax realizes nothing."""
    return "The account is tax-advantaged: its sales are neither gains nor losses."


def not_evaluated_words(why: str) -> str:
    """Say why nothing can be said."""
    return f"Not evaluated: {why}."


def outcome_words(outcome: SaleWash) -> str:
    """Say what a loss sale comes to, what not to do afterwards, and what the records do not show."""
    parts = [_found(outcome)]
    proposed = sum(1 for r in outcome.replacements if r.proposed)
    if proposed:
        parts.append("The plan itself buys replacement shares: leave out that purchase or the sale.")
    if outcome.disallowed and outcome.free_from is not None:
        parts.append(f"If nothing more is bought, a sale from {outcome.free_from} on is free of it.")
    if outcome.counted_loss:
        until = outcome.wash_until
        parts.append(f"A purchase of {outcome.identity_group} in any account through {until} washes what counts now.")
    if outcome.gaps:
        what = "; ".join(gap.what for gap in outcome.gaps)
        parts.append(f"Figures are what the records show so far: {what}.")
    return " ".join(parts)


def _found(outcome: SaleWash) -> str:
    if not outcome.disallowed_shares:
        return f"Nothing in the records replaces the loss of ${outcome.loss:,.2f}."
    count = f"{outcome.disallowed_shares:,f} of {outcome.loss_shares:,f} shares at a loss are replaced"
    text = f"{count}: ${outcome.disallowed:,.2f} of ${outcome.loss:,.2f} does not count here"
    if outcome.moved:
        text += f", ${outcome.moved:,.2f} of it counts in other shares of the plan"
    if outcome.state is WashState.IRA_RISK:
        text += f", ${outcome.permanent:,.2f} of it is gone for good (tax-advantaged purchase, Rev. Rul. 2008-5)"
    if all(r.related for r in outcome.replacements):
        text += f"; the replacements are other symbols that are declared identical as {outcome.identity_group}"
    return f"{text}."
