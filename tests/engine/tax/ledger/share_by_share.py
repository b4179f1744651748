"""The rules of the ledger once more, share by share, slowly and without any of the ledger's code but its rows.

Whole shares; every price is a whole number of cents even after splits 2 for 1, so no figure needs rounding.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction

from engine.portfolio import Registration
from engine.tax.holding_period import term
from engine.tax.ledger.rows import Identity, LedgerAction, LedgerPolicy, LedgerRow

DAYS_30 = timedelta(days=30)
TWO = 2


@dataclass(eq=False)
class Share:
    """One share. After it is sold, `size` is what it was on the day of sale (a half after a later split)."""

    row: LedgerRow
    number: int
    basis: Fraction
    taxable: bool
    days: int = 0
    used: int = 0
    """0, or the running number of the match that used it."""
    size: Fraction = Fraction(1)
    sale: LedgerRow | None = None
    sold_as: int = 0
    """Running number of the sold share."""
    proceeds: Fraction = Fraction(0)
    alone: bool = False
    judged: bool = True
    loss: Fraction = Fraction(0)
    """What is left of its loss, nothing if it was no loss or has been replaced."""
    was_loss: bool = False
    adjustment: Fraction = Fraction(0)
    permanent: Fraction = Fraction(0)

    @property
    def place(self) -> tuple[date, int]:
        return self.row.acquired or self.row.date, self.number


@dataclass
class Answer:
    """What the ledger must say: by (sale, lot, days) and by (lot, days)."""

    realized: dict[tuple[str, str, int], tuple[Fraction, ...]]
    terms: dict[tuple[str, str, int], str]
    held: dict[tuple[str, int], tuple[Fraction, ...]]


@dataclass
class ShareByShare:
    """Replays rows of one household."""

    rows: Sequence[LedgerRow]
    policy: LedgerPolicy
    shares: list[Share] = field(default_factory=list)
    """Held by the household, those bought elsewhere and not yet arrived as well."""
    arrived: set[str] = field(default_factory=set)
    sold: list[Share] = field(default_factory=list)
    count: int = 0

    def answer(self) -> Answer:
        events = []
        for number, row in enumerate(self.rows):
            if row.action is LedgerAction.TRANSFER_IN and row.acquired:
                events.append(((row.acquired, number), 0, row, number))
            events.append(((row.date, number), 1, row, number))
        for _, step, row, number in sorted(events, key=lambda e: e[:2]):
            if step == 0:
                self.bring_in(row, number)
            elif row.action is LedgerAction.SELL:
                self.sell(row)
            elif row.action is LedgerAction.SPLIT:
                self.split(row)
            else:
                if row.action is not LedgerAction.TRANSFER_IN or not row.acquired:
                    self.bring_in(row, number)
                self.arrived.add(row.id)
        return self.sums()

    def group(self, row: LedgerRow) -> str:
        return row.identity_group or row.symbol if self.policy.identity is Identity.DECLARED else row.symbol

    def counts(self, share: Share) -> bool:
        plan = share.row.registration in {Registration.PLAN_401K, Registration.PLAN_529}
        return share.row.action.is_purchase and (self.policy.plans_count_as_iras or not plan)

    def bring_in(self, row: LedgerRow, number: int) -> None:
        splits = [
            r
            for n, r in enumerate(self.rows)
            if r.action is LedgerAction.SPLIT
            and row.action is LedgerAction.TRANSFER_IN
            and (r.account, r.symbol) == (row.account, row.symbol)
            and (row.acquired or row.date, number) < (r.date, n) < (row.date, number)
        ]
        shares = int(row.quantity) // TWO ** len(splits)
        basis = Fraction(row.amount) / shares
        taxable = row.registration is Registration.TAXABLE
        bought = [Share(row, number, basis, taxable) for _ in range(shares)]
        self.shares += bought
        day = row.acquired or row.date
        if not self.counts(bought[0]):
            return
        losses = [s for s in self.sold if s.loss and self.group(s.row) == self.group(row)]
        for loss in sorted(losses, key=order_of):
            free = [s for s in bought if not s.used]
            if free and day - sale_of(loss).date <= DAYS_30:
                self.match(loss, free[0])

    def match(self, loss: Share, by: Share) -> None:
        self.count += 1
        by.used = self.count
        if by.taxable:
            by.basis += loss.loss
            by.days = (sale_of(loss).date - (loss.row.acquired or loss.row.date)).days + loss.days
        else:
            loss.permanent += loss.loss
        loss.adjustment += loss.loss
        loss.loss = Fraction(0)

    def sell(self, row: LedgerRow) -> None:
        group = [s for s in self.shares if self.group(s.row) == self.group(row)]
        open_now = [s for s in group if (s.row.account, s.row.symbol) == (row.account, row.symbol)]
        order = sorted((s for s in open_now if s.row.id in self.arrived), key=self.sold_first)
        named = Counter({n.lot: 0 for n in row.lots})
        for lot in row.lots:
            named[lot.lot] += int(lot.quantity)
        taken = []
        for share in order:
            if row.lots and not named[share.row.id]:
                continue
            named[share.row.id] -= 1
            taken.append(share)
            if len(taken) == row.quantity:
                break
        alone = len({s.row.id for s in group}) == 1 and not self.others_bought(taken[0], row)
        for share in taken:
            self.count += 1
            share.sale, share.sold_as, share.alone, share.judged = row, self.count, alone, False
            share.proceeds = Fraction(row.amount) / len(taken)
            self.shares.remove(share)
        self.sold += taken
        turned: list[Share] = []
        for at, share in enumerate(taken):
            if at == 0 or share.row is not taken[at - 1].row:
                for same in (s for s in taken if s.row is share.row):
                    same.judged = True
            if share.taxable and share.proceeds < share.basis:
                turned += self.wash(share)
        while turned:
            turned.sort(key=order_of)
            turned += self.wash(turned.pop(0))

    @staticmethod
    def sold_first(share: Share) -> tuple[object, ...]:
        return share.place, -share.days, not share.used, share.used

    def others_bought(self, share: Share, sale: LedgerRow) -> bool:
        return any(
            r.id != share.row.id
            and r.action.is_purchase
            and self.group(r) == self.group(sale)
            and abs((r.acquired or r.date) - sale.date) <= DAYS_30
            for r in self.rows
        )

    def wash(self, loss: Share) -> list[Share]:
        """Replace one lost share; return the share sold before that has turned into a loss, if so."""
        loss.was_loss = True
        if loss.alone:
            return []
        loss.loss = loss.basis - loss.proceeds
        found = [(key, s) for s in (*self.shares, *self.sold) if (key := self.rank(loss, s)) is not None]
        if not found:
            return []
        by = min(found, key=lambda f: f[0])[1]
        self.match(loss, by)
        before = by.sale is not None and by.sale is not loss.sale
        late = by.sale is not None and by.judged
        return [by] if (before or late) and by.taxable and by.proceeds < by.basis else []

    def rank(self, loss: Share, share: Share) -> tuple[object, ...] | None:
        """How early a share comes as a replacement of this loss, None when it is none."""
        near = abs(share.place[0] - sale_of(loss).date) <= DAYS_30
        alike = self.group(share.row) == self.group(loss.row)
        fit = near and alike and self.counts(share) and not (share.used or share.was_loss)
        if fit and share.sale is None:
            return share.place, 0, 0
        one_order = share.sale is loss.sale
        if one_order:
            fit = fit and share.place > loss.place and self.policy.lots_of_one_order_replace
        if fit and one_order and not share.judged:
            return share.place, 1, share.sold_as
        fit = fit and share.judged and self.policy.sold_before_loss_counts
        return (share.place, 2, share.sold_as) if fit else None

    def split(self, row: LedgerRow) -> None:
        """2 for 1: each share held, each loss still open and each sold share becomes two halves."""
        for shares in (self.shares, self.sold):
            halves: list[Share] = []
            for share in shares:
                if (share.row.account, share.row.symbol) != (row.account, row.symbol):
                    halves.append(share)
                    continue
                share.basis /= TWO
                share.proceeds /= TWO
                share.loss /= TWO
                share.adjustment /= TWO
                share.permanent /= TWO
                share.size /= TWO if share.sale else 1
                halves += [share, replace(share)]
            shares[:] = halves

    def sums(self) -> Answer:
        answer = Answer({}, {}, {})
        for s in self.sold:
            if s.taxable:
                key = (sale_of(s).id, s.row.id, s.days)
                more = (s.size, s.proceeds, s.basis, s.adjustment, s.permanent)
                answer.realized[key] = added(answer.realized.get(key), more)
                held_to = term(s.row.acquired or s.row.date, sale_of(s).date, s.days)
                answer.terms[key] = "long" if s.row.action is LedgerAction.INHERITED else held_to.value
        for s in self.shares:
            place = (s.row.id, s.days)
            answer.held[place] = added(answer.held.get(place), (Fraction(1), s.basis))
        return answer


def sale_of(share: Share) -> LedgerRow:
    assert share.sale is not None
    return share.sale


def order_of(share: Share) -> tuple[object, ...]:
    return sale_key(share), share.place, -share.days, share.sold_as


def sale_key(share: Share) -> tuple[date, int]:
    sale = sale_of(share)
    return sale.date, sale.row


def added(one: Iterable[Fraction] | None, other: Sequence[Fraction]) -> tuple[Fraction, ...]:
    return tuple(a + b for a, b in zip(one or (Fraction(0),) * len(other), other, strict=True))
