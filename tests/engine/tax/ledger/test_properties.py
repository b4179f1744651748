"""What must hold of every history: nothing is made, nothing is lost, nothing is used twice."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from engine.money import ZERO, cents
from engine.portfolio import Term
from engine.tax.holding_period import term
from engine.tax.ledger.lots import LotState, Piece, Sale, place_of
from engine.tax.ledger.replay import replay
from engine.tax.ledger.result import Ledger, Realized
from engine.tax.ledger.rows import LedgerAction, LedgerPolicy, LedgerRow
from tests.engine.tax.ledger.histories import START, Shape, histories, tried
from tests.engine.tax.ledger.story import read_trades, written

AWKWARD = Shape(awkward=True, splits=False)
WITH_SPLITS = Shape(awkward=True)
ONE_BY_ONE = Shape(accounts=("J", "S", "IRA"), gaps=(31, 40, 400), arrivals=False, splits=False, most_rows=20)
Rows = tuple[LedgerRow, ...]


def total(figures: Iterable[Decimal]) -> Decimal:
    return sum(figures, ZERO)


def taxable(rows: Iterable[LedgerRow]) -> list[LedgerRow]:
    return [row for row in rows if row.registration.is_taxable]


@tried
@given(histories(AWKWARD))
def test_shares_in_are_shares_out(rows: Rows) -> None:
    ledger = replay(rows)
    came = Counter[str]()
    for row in taxable(rows):
        if row.action is not LedgerAction.SELL:
            came[row.id] += row.quantity  # type: ignore[assignment]
    went = defaultdict[str, Decimal](Decimal)
    for line in ledger.realized:
        went[line.lot] += line.quantity
    for lot in ledger.open_lots:
        went[lot.lot] += lot.quantity
    assert {lot: went[lot] for lot in came} == dict(came), written(rows)


@tried
@given(histories(WITH_SPLITS))
def test_gains_disallowed_losses_and_basis_balance_to_the_cent(rows: Rows) -> None:
    ledger = replay(rows)
    paid = total(row.amount for row in taxable(rows) if row.action is not LedgerAction.SELL)
    received = total(row.amount for row in taxable(rows) if row.action is LedgerAction.SELL)
    accounts = {row.account for row in taxable(rows)}
    held = total(lot.basis for lot in ledger.open_lots if lot.account in accounts)
    totals = ledger.totals
    assert total(line.proceeds for line in ledger.realized) == received
    assert totals.short_term + totals.long_term == received - paid + held + totals.permanent
    carried = total(match.disallowed for match in ledger.wash_sales if not match.permanent)
    assert total(line.basis for line in ledger.realized) + held == paid + carried
    assert totals.disallowed == carried + totals.permanent
    assert all(line.gain == line.proceeds - line.basis + line.adjustment for line in ledger.realized)
    figures = [(line.proceeds, line.basis, line.gain, line.adjustment, line.permanent) for line in ledger.realized]
    assert all(figure == cents(figure) for line in figures for figure in line)


@tried
@given(histories(AWKWARD))
def test_no_loss_is_washed_twice_and_no_share_replaces_twice(rows: Rows) -> None:
    ledger = replay(rows)
    bought = {row.id: row.quantity for row in rows}
    used = defaultdict[str, Decimal](Decimal)
    washed = defaultdict[tuple[str, str], Decimal](Decimal)
    for match in ledger.wash_sales:
        used[match.replacement] += match.quantity
        washed[match.sale, match.lot] += match.quantity
    sold = defaultdict[tuple[str, str], Decimal](Decimal)
    for line in ledger.realized:
        sold[line.sale, line.lot] += line.quantity
        assert ZERO <= line.permanent <= line.adjustment
    assert all(shares <= bought[lot] for lot, shares in used.items()), written(rows)
    assert all(shares <= sold[loss] for loss, shares in washed.items()), written(rows)


@tried
@given(histories(AWKWARD))
def test_a_gain_is_never_adjusted_and_no_more_than_the_loss_is_disallowed(rows: Rows) -> None:
    ledger = replay(rows)
    # blocks of one lot that carry equally many days are one line; of such a line nothing can be said
    blocks = Counter((match.replacement, match.days) for match in ledger.wash_sales)
    for line in ledger.realized:
        if blocks[line.lot, line.holding_days_carried] + (line.holding_days_carried == 0) <= 1:
            assert ZERO <= line.adjustment <= max(ZERO, line.basis - line.proceeds), written(rows)
        assert line.code == ("W" if line.adjustment else "")


@tried
@given(histories(AWKWARD))
def test_gifts_and_inheritances_replace_nothing_and_iras_stay_at_cost(rows: Rows) -> None:
    ledger = replay(rows)
    by_id = {row.id: row for row in rows}
    assert all(by_id[match.replacement].action.is_purchase for match in ledger.wash_sales)
    for match in ledger.wash_sales:
        assert match.permanent is not by_id[match.replacement].registration.is_taxable
    for lot in ledger.open_lots:
        row = by_id[lot.lot]
        if not row.registration.is_taxable:
            assert lot.holding_days_carried == 0
            assert lot.quantity < row.quantity or lot.basis == row.amount


@tried
@given(histories(AWKWARD))
def test_every_replacement_stands_in_the_window_of_its_loss(rows: Rows) -> None:
    by_id = {row.id: row for row in rows}
    for match in replay(rows).wash_sales:
        days = by_id[match.replacement].acquired_on - by_id[match.sale].date
        assert abs(days) <= timedelta(days=30)


@tried
@given(histories(ONE_BY_ONE))
def test_with_31_days_between_all_rows_nothing_is_disallowed(rows: Rows) -> None:
    assert replay(rows).totals.disallowed == 0


@tried
@given(histories(), st.randoms(use_true_random=False))
def test_rows_in_any_order_of_days_give_the_same_answer(rows: Rows, dice: object) -> None:
    days = sorted({row.date for row in rows})
    dice.shuffle(days)  # type: ignore[attr-defined]
    shuffled = [row for day in days for row in rows if row.date == day]
    # the file's order decides between a lot of that day and one that was acquired on it elsewhere
    assume(not any(row.acquired in days for row in rows))
    assert replay(shuffled) == replay(rows), written(rows)


@tried
@given(histories(Shape(gaps=(0, 0, 5, 29, 31), awkward=True, splits=False)), st.randoms(use_true_random=False))
def test_the_order_of_accounts_within_a_day_leaves_sales_lots_and_proceeds_alone(rows: Rows, dice: object) -> None:
    def facts(ledger: Ledger) -> tuple[object, ...]:
        sold, held = Counter[tuple[str, str]](), Counter[str]()
        for line in ledger.realized:
            sold[line.sale, line.lot] += int(line.quantity * 1000)
        for lot in ledger.open_lots:
            held[lot.lot] += int(lot.quantity * 1000)
        return sold, held, total(line.proceeds for line in ledger.realized)

    assert facts(replay(by_account(rows, dice))) == facts(replay(rows)), written(rows)


@tried
@given(histories(Shape(gaps=(0, 0, 5, 29, 31), group="")), st.randoms(use_true_random=False))
def test_the_order_of_unrelated_symbols_within_a_day_changes_nothing(rows: Rows, dice: object) -> None:
    def sorted_answer(ledger: Ledger) -> tuple[object, ...]:
        return sorted(map(str, ledger.realized)), sorted(map(str, ledger.open_lots)), ledger.totals

    assert sorted_answer(replay(by_symbol(rows, dice))) == sorted_answer(replay(rows)), written(rows)


def by_account(rows: Sequence[LedgerRow], dice: object) -> list[LedgerRow]:
    """The rows of each day with the accounts in another order, each account's rows in their own."""
    order = sorted({row.account for row in rows})
    dice.shuffle(order)  # type: ignore[attr-defined]
    return sorted(rows, key=lambda row: (row.date, order.index(row.account)))


def by_symbol(rows: Sequence[LedgerRow], dice: object) -> list[LedgerRow]:
    """The rows of each day with the symbols in another order, each symbol's rows in their own."""
    order = sorted({row.symbol for row in rows})
    dice.shuffle(order)  # type: ignore[attr-defined]
    return sorted(rows, key=lambda row: (row.date, order.index(row.symbol)))


@tried
@given(histories(Shape(arrivals=False, splits=False, named=False, gaps=(0, 1, 4, 15, 29, 31))), st.data())
def test_a_purchase_in_two_rows_of_one_day_changes_no_total(rows: Rows, data: st.DataObject) -> None:
    """Where the rules do not tell one purchase from two: other shares are held, and neither lots of one order nor
    shares sold before the loss replace (of a purchase the held come before the sold; of two the earlier goes first).
    """
    policy = LedgerPolicy(lots_of_one_order_replace=False, sold_before_loss_counts=False)
    held = replace(read_trades("2020-01-02 K buy 1 X/G for 5 as k0")[0], row=0)
    whole = replay([held, *rows], policy)
    blocks = Counter(match.replacement for match in whole.wash_sales)
    choices = [r for r in rows if r.action.is_purchase and r.quantity > 1 and blocks[r.id] <= 1]
    assume(choices)
    chosen = data.draw(st.sampled_from(choices))
    first = data.draw(st.integers(1, int(chosen.quantity) - 1))
    price = chosen.amount / chosen.quantity
    halves = [
        replace(chosen, quantity=Decimal(first), amount=price * first),
        replace(chosen, id="second", quantity=chosen.quantity - first, amount=price * (chosen.quantity - first)),
    ]
    split = [half for row in rows for half in (halves if row is chosen else [row])]
    assert replay([held, *split], policy).totals == whole.totals, written(rows)


@tried
@given(
    st.dates(date(1990, 1, 1), date(2080, 12, 31)),
    st.integers(0, 800) | st.integers(360, 370),
    st.integers(0, 400) | st.just(0),
)
def test_the_term_of_a_piece_is_that_of_the_holding_period(acquired: date, held: int, carried: int) -> None:
    row = replace(read_trades("2024-01-08 J buy 1 X for 1 as b1")[0], date=acquired)
    sale = replace(row, id="s1", action=LedgerAction.SELL, date=acquired + timedelta(days=held))
    lot = LotState(row, acquired, place_of(acquired, 0), taxable=True, fresh=ZERO, fresh_basis=ZERO, open=ZERO)
    piece = Piece(Sale(sale, 0, taxable=True), lot, Decimal(1), ZERO, ZERO, carried, alone=False)
    assert piece.term is term(acquired, sale.date, carried)


def test_an_empty_history_is_an_empty_ledger() -> None:
    ledger = replay([])
    assert (ledger.realized, ledger.open_lots, ledger.wash_sales, ledger.problems) == ((), (), (), ())
    assert ledger.totals.short_term == ledger.totals.long_term == 0


def test_a_line_is_short_or_long() -> None:
    lines: tuple[Realized, ...] = replay(
        read_trades("""
        2024-01-08 J buy 2 X for 10 as b1
        2025-01-08 J sell 1 X for 10 as s1
        2025-01-09 J sell 1 X for 10 as s2
        """)
    ).realized
    assert [line.term for line in lines] == [Term.SHORT, Term.LONG]
    assert date(2025, 1, 1) > START
