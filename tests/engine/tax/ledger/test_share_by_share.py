"""The ledger against a slow reference that knows nothing but single shares, on random histories and policies."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from engine.tax.ledger.replay import replay
from engine.tax.ledger.rows import Identity, LedgerPolicy, LedgerRow
from tests.engine.tax.ledger.histories import Shape, histories, tried
from tests.engine.tax.ledger.share_by_share import ShareByShare
from tests.engine.tax.ledger.story import written

DENSE = Shape(
    accounts=("J", "J", "J", "S", "IRA"),
    arrivals=False,
    splits=False,
    gaps=(0, 1, 2, 4, 9, 15, 29, 30, 31),
    most_rows=20,
)
"""Many trades in few days: chains, sales that later losses turn into losses."""
policies = st.just(LedgerPolicy()) | st.builds(
    LedgerPolicy, st.booleans(), st.booleans(), st.booleans(), st.sampled_from(Identity)
)


def check(rows: tuple[LedgerRow, ...], policy: LedgerPolicy) -> None:
    ledger = replay(rows, policy)
    answer = ShareByShare(rows, policy).answer()
    realized = {
        (line.sale, line.lot, line.holding_days_carried): (
            line.quantity,
            line.proceeds,
            line.basis,
            line.adjustment,
            line.permanent,
        )
        for line in ledger.realized
    }
    terms = {(line.sale, line.lot, line.holding_days_carried): line.term.value for line in ledger.realized}
    held = {(lot.lot, lot.holding_days_carried): (lot.quantity, lot.basis) for lot in ledger.open_lots}
    story = written(rows)
    assert ledger.problems == (), story
    assert {key: tuple(map(Fraction, line)) for key, line in realized.items()} == answer.realized, story
    assert terms == answer.terms, story
    assert {key: tuple(map(Fraction, lot)) for key, lot in held.items()} == answer.held, story


@tried
@given(histories(DENSE), policies)
def test_dense_histories_come_out_as_share_by_share(rows: tuple[LedgerRow, ...], policy: LedgerPolicy) -> None:
    check(rows, policy)


@tried
@given(histories(), policies)
def test_histories_with_arrivals_and_splits_come_out_as_share_by_share(
    rows: tuple[LedgerRow, ...], policy: LedgerPolicy
) -> None:
    check(rows, policy)
