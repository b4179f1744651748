from decimal import Decimal

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QColor, QHelpEvent
from PySide6.QtWidgets import QToolTip
from pytestqt.qtbot import QtBot

from engine.rebalance.proposal import ClassWeight
from gui import theme
from gui.charts import AllocationChart, tip_of

D = Decimal
EQUITY = ClassWeight("us_equity", D("0.68"), D("0.50"), D("0.52"), D("0.10"))
CASH = ClassWeight("cash", D("0.01"), D("0.02"), D("0.02"), D("0.03"))


@pytest.fixture
def chart(qtbot: QtBot) -> AllocationChart:
    made = AllocationChart()
    qtbot.addWidget(made)
    made.resize(500, 260)
    made.show()
    return made


def colours_of(chart: AllocationChart) -> set[str]:
    image = chart.grab().toImage()
    return {QColor(image.pixel(x, y)).name() for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)}


def test_bars_band_and_target_are_drawn_in_their_colours(chart: AllocationChart) -> None:
    chart.show_classes((CASH, EQUITY))
    colours = theme.current()
    assert {colours.before, colours.after, colours.target, colours.band} <= colours_of(chart)


def test_without_classes_nothing_is_drawn(chart: AllocationChart) -> None:
    chart.show_classes(())
    assert theme.current().after not in colours_of(chart)
    assert chart.top_of_scale()[0] > 0


def test_cash_stands_last_and_the_scale_holds_every_bar(chart: AllocationChart) -> None:
    chart.show_classes((CASH, EQUITY))
    assert [weight.asset_class for weight in chart.classes] == ["us_equity", "cash"]
    top, step = chart.top_of_scale()
    assert top >= 0.68
    assert top / step == pytest.approx(round(top / step))


def test_a_tip_says_the_figures_and_no_band_reaches_below_nothing() -> None:
    assert tip_of(EQUITY) == "US equity: before 68.0%, after 52.0%, target 50.0%, band 40.0% to 60.0%"
    assert tip_of(CASH).endswith("band 0.0% to 5.0%")


def test_the_mouse_finds_the_class_under_it(chart: AllocationChart, monkeypatch: pytest.MonkeyPatch) -> None:
    chart.show_classes((CASH, EQUITY))
    shown: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _, text, __: shown.append(text))
    for x in (150, 450, 5):
        chart.event(QHelpEvent(QEvent.Type.ToolTip, QPoint(x, 100), QPoint(x, 100)))
    assert [text.split(":")[0] for text in shown] == ["US equity", "Cash"]


def test_the_chart_can_be_read_aloud(chart: AllocationChart) -> None:
    chart.show_classes((EQUITY,))
    assert chart.accessibleDescription() == tip_of(EQUITY)
