"""Warnings about a policy that holds but is likely fitted to its history: too many signals, too many parameters."""

from decimal import Decimal

from engine.overlay.policy import Combine, OverlayPolicy, SignalKind, SignalSetting

MOST_SIGNALS = 5
"""Signals beyond which each adds more chance of a fit than knowledge; three to five are the usual advice."""
MONTHS_PER_PARAMETER = 24
"""Months of history that a parameter asks for, a rule of thumb: two years to see what one number does."""


def policy_lint(policy: OverlayPolicy, months: int | None = None) -> tuple[str, ...]:
    """Return what makes a policy likely to disappoint, one line each; `months` is the history that it was made on.

    None of it forbids the policy. With enough trials some rule fits any history: Bailey, Borwein, Lopez de Prado and
    Zhu (2014), Pseudo-Mathematics and Financial Charlatanism.
    """
    lines = []
    systematic = [setting for setting in policy.signals if setting.kind is not SignalKind.VIEW]
    if len(systematic) > MOST_SIGNALS:
        lines.append(f"signals: {len(systematic)} are more than {MOST_SIGNALS}; fewer are easier to trust and explain")
    count = parameter_count(policy)
    if months is not None and count and months < count * MONTHS_PER_PARAMETER:
        lines.append(
            f"signals: {count} parameter{'s' * (count > 1)} for {months} months of history; "
            f"{MONTHS_PER_PARAMETER} months each would be {count * MONTHS_PER_PARAMETER}"
        )
    longest = max((setting.length for setting in systematic), default=0)
    if months is not None and longest and months < 5 * longest:
        lines.append(f"signals: the longest reads {longest} months, of which {months} months hold fewer than 5")
    return tuple(lines)


def parameter_count(policy: OverlayPolicy) -> int:
    """Return how many numbers of a policy could have been chosen to fit: those of its signals, and of combining them.

    Limits (band, cap, turnover) are set by what a client may bear, not by what a backtest shows, and do not count.
    """
    count = sum(_parameters(setting, policy.combine) for setting in policy.signals)
    if policy.combine is Combine.VOTE and len(policy.signals) > 1:
        count += 1
    return count + (policy.hysteresis > 0) + (policy.min_change > 0)


def _parameters(setting: SignalSetting, combine: Combine) -> int:
    """Return how many numbers a signal has: its length, what it skips, a short length, a line, a weight."""
    if setting.kind is SignalKind.VIEW:
        return 0
    weighs = combine in {Combine.WEIGHTED, Combine.Z_SCORE} and setting.weight != Decimal(1)
    chosen = (setting.length > 0, setting.skip > 0, setting.kind is SignalKind.CROSSOVER, setting.threshold is not None)
    return max(sum(chosen), 1) + weighs
