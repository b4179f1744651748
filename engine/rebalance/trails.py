"""The trail of a proposal's tax figures: each figure with the figures that it comes from."""

from decimal import Decimal

from engine.money import ZERO
from engine.rebalance.case import Case
from engine.rebalance.proposal import Proposal
from engine.tax.schedule_d import tax_trail
from engine.trail import Trail


def proposal_trails(case: Case, proposal: Proposal) -> tuple[Trail, ...]:
    """Return the trails of the change in tax, the gains, and the deferred tax that a lower basis leaves behind."""
    outcome, tax = proposal.tax, case.tax
    net = outcome.short_term + outcome.long_term
    sales = tuple(
        Trail(f"{sale.id}: {trade.symbol}, {sale.quantity.normalize():f} shares, {sale.term}-term", sale.gain)
        for trade in proposal.trades
        for sale in trade.lots
        if sale.term is not None
    )
    washed = Trail("Losses that wash sales disallow for now", outcome.disallowed, source="IRC 1091")
    return (
        tax_trail(tax, outcome.short_term, outcome.long_term),
        Trail("Gain or loss of the proposal that counts this year", net, (*sales, washed)),
        Trail("Losses taken that count this year", outcome.harvested_loss),
        Trail(
            "Value today of the later tax that these sales move",
            proposal.breakdown.deferred,
            (
                Trail("Gain or loss that counts this year", net),
                Trail("Deferred tax rate", tax.deferred_tax_rate, unit="fraction"),
            ),
        ),
        Trail("Cost of trading", proposal.breakdown.trading, _costs(case, proposal)),
    )


def _costs(case: Case, proposal: Proposal) -> tuple[Trail, ...]:
    spread = {s.symbol: s.half_spread_bp / 10_000 for s in case.securities}
    ticket = {a.id: a.ticket_charge for a in case.accounts}
    spreads = sum((spread[t.symbol] * t.amount for t in proposal.trades), ZERO)
    tickets = sum((ticket[t.account] for t in proposal.trades), Decimal(0))
    return (
        Trail("Half spread on what is traded", spreads.quantize(Decimal("0.01"))),
        Trail("Ticket charges", tickets),
    )
