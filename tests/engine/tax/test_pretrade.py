"""Pre-trade wash analysis: states, figures and sentences; and that its dollars are those of the ledger."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.money import ZERO
from engine.portfolio import Account, Action, HistoryRow, Lot, LotMethod, Registration, Security
from engine.tax.ledger.replay import replay
from engine.tax.ledger.result import Ledger
from engine.tax.ledger.rows import Identity, LedgerAction, LedgerPolicy, LedgerRow
from engine.tax.pretrade import analyse_sales
from engine.tax.pretrade_types import ProposedBuy, ProposedSale, SaleWash, WashHousehold, WashState
from engine.tax.wash_coverage import CoverageGap
from tests.engine.tax.ledger.histories import Shape, histories, tried
from tests.engine.tax.ledger.story import ACCOUNTS, written

D = Decimal
DAY = date(2025, 6, 30)
PLAIN = Shape(arrivals=False, splits=False, named=False, gaps=(0, 1, 4, 9, 15, 29, 30, 31, 45, 70), most_rows=10)


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def lot(name: str, days: int, shares: str, basis: str, **changes: object) -> Lot:
    values: dict[str, object] = {"account": "J", "symbol": "X", **changes}
    return Lot(
        id=name,
        acquired=ago(days),
        quantity=D(shares),
        cost_basis=D(basis),
        **values,  # type: ignore[arg-type]
    )


def bought(days: int, shares: str, **changes: object) -> HistoryRow:
    values: dict[str, object] = {"account": "J", "symbol": "X", "action": Action.BUY, **changes}
    return HistoryRow(date=ago(days), quantity=D(shares), **values)  # type: ignore[arg-type]


def household(*lots: Lot, history: tuple[HistoryRow, ...] = (), **changes: object) -> WashHousehold:
    accounts = tuple(Account(name, owner, kind, ZERO) for name, (owner, kind) in ACCOUNTS.items())
    securities = (Security("X", "c", D(10), "G"), Security("Y", "c", D(10), "G"), Security("Z", "c", D(10)))
    return WashHousehold(DAY, securities, accounts, lots, history, **changes)  # type: ignore[arg-type]


def sale(shares: str = "100", price: str | None = "8", **changes: object) -> ProposedSale:
    values: dict[str, object] = {"account": "J", "symbol": "X", **changes}
    return ProposedSale(
        quantity=D(shares),
        price=None if price is None else D(price),
        **values,  # type: ignore[arg-type]
    )


def ask(facts: WashHousehold, *sales: ProposedSale, buys: tuple[ProposedBuy, ...] = ()) -> SaleWash:
    return analyse_sales(facts, sales or (sale(),), buys)[0]


OLD = lot("OLD", 400, "100", "1000")


def test_nothing_bought_in_the_window_leaves_the_loss_whole() -> None:
    found = ask(household(OLD))
    assert (found.state, found.loss, found.disallowed, found.counted_loss) == (WashState.NONE, D(200), D(0), D(200))
    assert (found.wash_until, found.free_from) == (DAY + timedelta(30), DAY)
    assert found.sentence == (
        "Nothing in the records replaces the loss of $200.00. "
        "A purchase of G in any account through 2025-07-30 washes what counts now."
    )


@pytest.mark.parametrize(("days", "state"), [(0, WashState.EXACT), (30, WashState.EXACT), (31, WashState.NONE)])
def test_shares_of_the_same_security_count_through_day_30(days: int, state: WashState) -> None:
    found = ask(household(OLD, lot("NEW", days, "10", "90")))
    assert found.state is state
    if state is WashState.EXACT:
        assert (found.disallowed_shares, found.disallowed, found.permanent) == (D(10), D(20), D(0))
        assert found.free_from == ago(days) + timedelta(31)
        (replacement,) = found.replacements
        assert (replacement.lot, replacement.date, replacement.shares, replacement.account) == (
            "NEW",
            ago(days),
            D(10),
            "J",
        )
        assert found.sentence.startswith(
            "10 of 100 shares at a loss are replaced: $20.00 of $200.00 does not count here"
        )
        assert f"a sale from {found.free_from} on is free of it" in found.sentence


def test_only_other_symbols_of_the_group_are_declared_related() -> None:
    related = ask(household(OLD, lot("NEW", 5, "10", "90", symbol="Y", account="S")))
    assert related.state is WashState.RELATED
    assert related.replacements[0].related
    assert "declared identical as G" in related.sentence
    both = ask(household(OLD, lot("NEW", 5, "10", "90", symbol="Y"), lot("SAME", 4, "10", "90")))
    assert both.state is WashState.EXACT
    assert ask(household(OLD, lot("NEW", 5, "10", "90", symbol="Z"))).state is WashState.NONE


def test_identity_by_symbol_frees_other_symbols() -> None:
    facts = household(OLD, lot("NEW", 5, "10", "90", symbol="Y"))
    policy = LedgerPolicy(identity=Identity.SYMBOL)
    assert analyse_sales(facts, [sale()], policy=policy)[0].state is WashState.NONE


def test_a_purchase_in_an_ira_takes_the_loss_for_good() -> None:
    facts = household(OLD, lot("ROTH", 5, "10", "90", account="ROTH"), lot("NEW", 4, "10", "90"))
    found = ask(facts)
    assert found.state is WashState.IRA_RISK
    assert (found.disallowed, found.permanent, found.disallowed_shares) == (D(40), D(20), D(20))
    assert "$20.00 of it is gone for good" in found.sentence


def test_a_401k_counts_as_an_ira_unless_the_policy_says_otherwise() -> None:
    facts = household(OLD, lot("PLAN", 5, "10", "90", account="401K"))
    assert ask(facts).state is WashState.IRA_RISK
    policy = LedgerPolicy(plans_count_as_iras=False)
    free = analyse_sales(facts, [sale()], [ProposedBuy("529", "X", D(5))], policy=policy)[0]
    assert free.state is WashState.NONE


def test_shares_bought_and_sold_since_count_unless_the_policy_says_otherwise() -> None:
    rows = (bought(20, "10", lot="GONE", account="401K"), bought(10, "10", account="401K", action=Action.SELL))
    found = ask(household(OLD, history=rows))
    assert (found.state, found.disallowed, found.permanent) == (WashState.IRA_RISK, D(20), D(20))
    assert (found.replacements[0].lot, found.replacements[0].date) == ("", ago(20))
    for policy in (LedgerPolicy(sold_before_loss_counts=False), LedgerPolicy(plans_count_as_iras=False)):
        assert analyse_sales(household(OLD, history=rows), [sale()], policy=policy)[0].state is WashState.NONE


def test_what_a_lot_of_the_window_has_sold_already_counts_with_it() -> None:
    rows = (bought(20, "10", lot="NEW"), bought(10, "4", action=Action.SELL))
    found = ask(household(OLD, lot("NEW", 20, "6", "54"), history=rows))
    assert (found.disallowed_shares, found.disallowed) == (D(10), D(20))
    assert [r.lot for r in found.replacements] == ["NEW", ""]


def test_shares_that_have_replaced_a_loss_do_not_replace_another() -> None:
    facts = household(OLD, lot("USED", 10, "40", "500", holding_days_carried=90))
    assert ask(facts).state is WashState.NONE


def test_the_only_purchase_does_not_replace_itself_but_with_other_shares_the_rest_of_it_does() -> None:
    """Rev. Rul. 56-602."""
    only = lot("NEW", 10, "100", "1000")
    assert ask(household(only), sale("40")).state is WashState.NONE
    found = ask(household(only, lot("OTHER", 500, "1", "10", account="S")), sale("40"))
    assert (found.state, found.disallowed_shares) == (WashState.EXACT, D(40))
    bought_again = ask(household(only), sale("40"), buys=(ProposedBuy("S", "Y", D(5)),))
    assert bought_again.disallowed_shares == D(40)


def test_one_purchase_in_two_lots_is_still_the_only_one() -> None:
    lots = (lot("USED", 10, "40", "500", holding_days_carried=90), lot("FREE", 10, "60", "600"))
    row = bought(10, "100", lot="USED")
    assert ask(household(*lots, history=(row,)), sale("70")).state is WashState.NONE
    assert ask(household(*lots), sale("70")).state is WashState.EXACT, "nothing says that they were bought together"


def test_a_gain_is_never_adjusted() -> None:
    found = ask(household(OLD, lot("NEW", 5, "10", "90")), sale(price="12"))
    assert (found.state, found.loss, found.wash_until) == (WashState.NONE, ZERO, None)
    assert "a gain is never adjusted" in found.sentence
    assert [line.gain for line in found.lines] == [D(200)]


def test_a_tax_advantaged_account_realizes_nothing() -> None:
    found = ask(household(replace(OLD, account="IRA")), sale(account="IRA"))
    assert (found.state, found.lines) == (WashState.NONE, ())
    assert "tax-advantaged" in found.sentence


GAP = CoverageGap("S", "the activity of S starts on 2025-06-20", "Import it.", serious=True)


def test_gaps_in_the_records_make_the_outcome_incomplete_but_not_an_ira_risk_less() -> None:
    found = ask(household(OLD, lot("NEW", 5, "10", "90"), gaps=(GAP,)))
    assert (found.state, found.disallowed) == (WashState.INCOMPLETE, D(20))
    assert found.sentence.endswith(f"Figures are what the records show so far: {GAP.what}.")
    assert ask(household(OLD, lot("R", 5, "1", "9", account="ROTH"), gaps=(GAP,))).state is WashState.IRA_RISK
    assert ask(household(OLD, gaps=(replace(GAP, serious=False),))).state is WashState.NONE


@pytest.mark.parametrize(
    ("question", "why"),
    [
        (sale(account="NOBODY"), "not one of the household's"),
        (sale(price=None), "no price of X"),
        (sale(price="-1"), "no price of X"),
        (sale("101"), "100 shares are held, 101 would be sold"),
        (sale("0"), "would be sold"),
        (sale(method=LotMethod.SPECIFIC), "no lots are named"),
        (sale(lots=(("NEW", D(100)),)), "not open in the account"),
        (sale(lots=(("OLD", D(60)), ("OLD", D(60)))), "hold fewer shares"),
        (sale(lots=(("OLD", D(60)),)), "do not add up to the shares sold"),
        (sale("5", symbol="Z"), "missing or do not add up"),
    ],
)
def test_what_cannot_be_evaluated_says_why(question: ProposedSale, why: str) -> None:
    found = ask(household(OLD, lot("Z1", 50, "5", "50", symbol="Z"), unsound=frozenset({("J", "Z")})), question)
    assert found.state is WashState.NOT_EVALUATED
    assert why in found.sentence


def test_lots_are_named_or_chosen_by_the_method() -> None:
    facts = household(OLD, lot("DEAR", 200, "100", "2000"))
    assert ask(facts, sale("50", lots=(("DEAR", D(50)),))).loss == D(600)
    assert ask(facts, sale("50", method=LotMethod.HIFO)).loss == D(600)
    assert ask(facts, sale("50")).loss == D(100)
    assert ask(facts, sale("50", method=LotMethod.AVERAGE_COST)).loss == D(350)


def test_purchases_of_the_plan_wash_its_sales() -> None:
    found = ask(household(OLD), sale(), buys=(ProposedBuy("ROTH", "Y", D(30)), ProposedBuy("NOBODY", "Y", D(9))))
    assert (found.state, found.disallowed, found.permanent) == (WashState.IRA_RISK, D(60), D(60))
    assert found.replacements[0].proposed
    assert "The plan itself buys replacement shares" in found.sentence
    assert ask(household(OLD), sale(), buys=(ProposedBuy("J", "Z", D(30)),)).state is WashState.NONE


def test_two_sales_of_a_plan_share_the_lots_and_the_replacements() -> None:
    facts = household(OLD, lot("SPOUSE", 300, "100", "1000", account="S"), lot("NEW", 5, "120", "960", account="K"))
    first, second = analyse_sales(facts, [sale(), sale(account="S")])
    assert (first.disallowed_shares, second.disallowed_shares) == (D(100), D(20))
    half, rest = analyse_sales(facts, [sale("60"), sale("60")])
    assert (half.loss_shares, rest.state) == (D(60), WashState.NOT_EVALUATED)


def test_of_lots_sold_together_the_later_takes_the_loss_of_the_earlier_and_it_counts_there() -> None:
    facts = household(OLD, lot("NEW", 5, "10", "90"), lot("OTHER", 300, "5", "10", account="S"))
    found = ask(facts, sale("110"))
    assert (found.loss, found.loss_shares, found.disallowed, found.moved) == (D(230), D(110), D(20), D(20))
    assert (found.counted_loss, found.put_off) == (D(210), D(0))
    assert sum(line.gain for line in found.lines) == D(-210)
    assert "$20.00 of it counts in other shares of the plan" in found.sentence


def test_a_loss_that_moves_into_shares_sold_later_in_the_plan_counts_there() -> None:
    """NEW is still held when OLD is sold; then 4 of its 10 shares go, those that carry the loss."""
    facts = household(OLD, lot("NEW", 5, "10", "90", account="S"))
    old, new = analyse_sales(facts, [sale(), sale("4", account="S")])
    assert (old.disallowed, old.moved, old.put_off) == (D(20), D(8), D(12))
    assert (new.loss, new.disallowed) == (D(12), D(0))


def test_a_washed_loss_of_a_cent_fraction_counts_no_dollars() -> None:
    facts = household(lot("OLD", 400, "1", "10"), lot("NEW", 5, "0.0001", "0.01"))
    found = ask(facts, sale("1", price="9.99"))
    assert (found.disallowed_shares, found.disallowed, found.free_from) == (D("0.0001"), D(0), DAY)


def test_a_loss_that_is_replaced_whole_leaves_nothing_to_wash() -> None:
    found = ask(household(OLD, lot("NEW", 5, "100", "800")))
    assert (found.counted_loss, "washes what counts" in found.sentence) == (ZERO, False)


def test_a_later_day_takes_it_that_nothing_is_traded_until_then() -> None:
    facts = household(OLD, lot("NEW", 5, "10", "90"))
    assert analyse_sales(facts, [sale()], day=DAY + timedelta(25))[0].state is WashState.EXACT
    assert analyse_sales(facts, [sale()], day=DAY + timedelta(26))[0].state is WashState.NONE


# the ledger says the same


def quiet(rows: tuple[LedgerRow, ...], day: date) -> list[LedgerRow]:
    """A history that a household's records tell in full: no sale in the 61 days, one purchase a day and place."""
    places: set[tuple[date, str, str]] = set()
    kept = []
    for row in rows:
        place = (row.date, row.account, row.symbol)
        if row.action is LedgerAction.SELL:
            if row.date >= day - timedelta(days=61):
                continue
        elif place in places:
            continue
        places.add(place)
        kept.append(row)
    bad = {problem.row for problem in replay(kept).problems}
    return [row for row in kept if row.row not in bad]


def records(rows: list[LedgerRow], ledger: Ledger, day: date) -> WashHousehold:
    """What a household's records hold of a history: open lots as the ledger states them, trades of 61 days."""
    number = {row.id: row.row for row in rows}
    names: dict[str, str] = {}
    lots = []
    for held in ledger.open_lots:
        name = f"{number[held.lot]:03}-{held.holding_days_carried}"
        names.setdefault(held.lot, name)
        lots.append(
            Lot(name, held.account, held.symbol, held.acquired, held.quantity, held.basis, held.holding_days_carried)
        )
    history = tuple(
        HistoryRow(r.account, r.symbol, r.date, Action(r.action), r.quantity, r.amount, lot=names[r.id])
        for r in rows
        if r.date >= day - timedelta(days=61)
    )
    return replace(household(*lots, history=history), as_of=day)


@st.composite
def plans(draw: st.DrawFn) -> tuple[list[LedgerRow], date, list[LedgerRow], list[LedgerRow]]:
    """A history, a day, the sales of that day and the purchases after them."""
    rows = draw(histories(PLAIN))
    day = rows[-1].date + timedelta(days=draw(st.sampled_from((0, 1, 5, 29, 30, 31))))
    past = quiet(rows, day)
    open_lots = replay(past).open_lots
    places = sorted({(x.account, x.symbol) for x in open_lots if ACCOUNTS[x.account][1] is Registration.TAXABLE})
    assume(places)
    sales: list[LedgerRow] = []
    for account, symbol in draw(st.lists(st.sampled_from(places), min_size=1, max_size=3, unique=True)):
        held = sum((x.quantity for x in open_lots if (x.account, x.symbol) == (account, symbol)), ZERO)
        sales.append(trade(f"sale{len(sales)}", day, account, symbol, D(draw(st.integers(1, int(held))))))
    sales = [replace(s, amount=s.quantity * D(draw(st.integers(2, 15))) * D("0.64")) for s in sales]
    buys = [
        replace(trade(f"buy{i}", day, account, "X", D(i + 1)), action=LedgerAction.BUY)
        for i, account in enumerate(draw(st.lists(st.sampled_from(PLAIN.accounts), max_size=2)))
    ]
    return past, day, sales, buys


def trade(name: str, day: date, account: str, symbol: str, shares: Decimal) -> LedgerRow:
    owner, kind = ACCOUNTS[account]
    return LedgerRow(name, day, account, owner, kind, symbol, LedgerAction.SELL, shares, identity_group="G", row=999)


def can_be_told_apart(ledger: Ledger) -> bool:
    """Whether no open lot joins shares that carry equally many days at different bases, which hides the parts."""
    blocks = Counter((m.replacement, m.days) for m in ledger.wash_sales)
    return max(blocks.values(), default=0) <= 1 and all(m.days or m.permanent for m in ledger.wash_sales)


@tried
@given(plans())
def test_the_dollars_are_those_that_the_ledger_shows(
    plan: tuple[list[LedgerRow], date, list[LedgerRow], list[LedgerRow]],
) -> None:
    past, day, sales, buys = plan
    before = replay(past)
    assume(can_be_told_apart(before))
    after = replay([*past, *sales, *buys])
    found = analyse_sales(
        records(past, before, day),
        [ProposedSale(s.account, s.symbol, s.quantity, s.amount / s.quantity) for s in sales],
        [ProposedBuy(b.account, b.symbol, b.quantity) for b in buys],
    )
    for row, outcome in zip(sales, found, strict=True):
        lines = [line for line in after.realized if line.sale == row.id]
        story = written([*past, *sales, *buys])
        assert sum(line.adjustment for line in lines) == outcome.disallowed, story
        assert sum(line.permanent for line in lines) == outcome.permanent, story
        matches = [m for m in after.wash_sales if m.sale == row.id]
        assert sum(m.quantity for m in matches) == outcome.disallowed_shares, story
        assert sum(line.gain for line in lines) == sum(line.gain for line in outcome.lines), story
        assert ZERO <= outcome.moved <= outcome.disallowed - outcome.permanent, story
        assert Counter(m.replacement_account for m in matches) == Counter(r.account for r in outcome.replacements), (
            story
        )
