"""A custodian's layout whose columns changed says which are missing, new, and perhaps renamed, and offers a map."""

from pathlib import Path

from importers import registry
from importers.nearly import nearly
from importers.table_grammar import Layout

LAYOUT = Layout(
    {"symbol": ("symbol",), "quantity": ("quantity",), "cost_basis": ("cost basis",), "price": ("price",)},
    required=("symbol", "quantity", "cost_basis", "price"),
    ignored=frozenset({"notes"}),
)


def test_missing_new_and_renamed_columns_are_named() -> None:
    rows = (("Positions of an account",), ("Symbol", "Quantity", "Cost Basis Total", "Mood", "Notes"))
    why = nearly(LAYOUT, rows)
    assert why == (
        "columns are missing: cost basis, price; perhaps renamed: cost basis is now Cost Basis Total; new: Mood"
    )


def test_of_many_new_columns_some_are_named() -> None:
    rows = (("Symbol", "Quantity", "Cost basis", *(f"Column {n}" for n in range(20))),)
    assert nearly(LAYOUT, rows).endswith("Column 11 and 8 more")


def test_without_new_columns_none_are_told() -> None:
    assert nearly(LAYOUT, (("Symbol", "Quantity", "Cost basis"),)) == "columns are missing: price"


HEADER = "Symbol,Description,Qty (Quantity),Price,Mkt Val (Market Value),Cost Basis,Security Type,Vibe"


def test_a_schwab_file_that_changed_is_refused_with_the_columns_that_a_map_would_have(tmp_path: Path) -> None:
    path = tmp_path / "Positions.csv"
    title = '"Positions for account Individual ...123 as of 04:05 PM ET, 2026/10/30"'
    rows = "VTI,Fund,10,5,50,40,ETF,fine\nBND,Bond,20,6,120,90,ETF,ok\n"
    path.write_text(f"{title}\n\n{HEADER.replace('Price', 'Unit Pricing')}\n{rows}")
    importer, claims = registry.recognise(path)
    assert importer is None
    problem = registry.refusal(path, claims)
    assert "columns are missing: price; new: Unit Pricing, Vibe" in problem.message
    assert "Unit Pricing = price" in problem.hint
