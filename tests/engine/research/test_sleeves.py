"""What classes are held through: which kinds, and when a single security is too much."""

from decimal import Decimal

import pytest

from engine.research.sleeves import SleeveKind, sleeves

D = Decimal
KINDS = {"VTI": "etf", "VFIAX": "fund", "AAPL": "stock", "T-2030": "bond"}


@pytest.mark.parametrize(
    ("target", "symbols", "kind", "findings"),
    [
        ("0.40", ("VTI", "VFIAX"), SleeveKind.FUNDS, ()),
        ("0.10", ("AAPL",), SleeveKind.SECURITIES, ()),
        ("0.40", ("VTI", "AAPL"), SleeveKind.MIXED, ()),
        ("0.05", ("AAPL", "VTI"), SleeveKind.MIXED, ("AAPL, a single security, comes before the fund VTI",)),
        ("0.11", ("T-2030",), SleeveKind.SECURITIES, ("11.0% through T-2030, a single security, is more than 10%",)),
        ("0.20", ("XYZ",), SleeveKind.SECURITIES, ("20.0% through XYZ, a single security, is more than 10%",)),
        (
            "0.20",
            ("AAPL", "VTI"),
            SleeveKind.MIXED,
            (
                "AAPL, a single security, comes before the fund VTI",
                "20.0% through AAPL, a single security, is more than 10%",
            ),
        ),
        ("0.20", (), SleeveKind.NOTHING, ("nothing may be bought for it",)),
    ],
)
def test_a_sleeve_is_typed_and_what_is_amiss_is_said(
    target: str, symbols: tuple[str, ...], kind: SleeveKind, findings: tuple[str, ...]
) -> None:
    (found,) = sleeves({"us_equity": D(target), "cash": D("0.1")}, {"us_equity": symbols}, KINDS)
    assert (found.asset_class, found.kind, found.findings) == ("us_equity", kind, findings)


def test_sleeves_come_largest_first_and_without_what_is_not_targeted() -> None:
    targets = {"us_bond": D("0.3"), "us_equity": D("0.6"), "tips": D(0), "cash": D("0.1")}
    assert [one.asset_class for one in sleeves(targets, {}, KINDS)] == ["us_equity", "us_bond"]


def test_the_limit_is_the_firms_and_is_checked() -> None:
    targets, buys = {"us_equity": D("0.2")}, {"us_equity": ("AAPL",)}
    assert not sleeves(targets, buys, KINDS, D("0.2"))[0].findings
    assert sleeves(targets, buys, KINDS, D(0))[0].findings
    with pytest.raises(ValueError, match="between 0 and 1"):
        sleeves(targets, buys, KINDS, D(2))
