"""The reports on a policy's honesty as JSON documents. Figures are fractions a year; what is not known is null."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from engine.rebalance.solve import engine_version
from engine.research.overfitting import Overfitting
from engine.research.policy_search import Trial
from engine.research.purged_splits import CrossValidation
from workflow.policy_trials import SearchReport, WalkForwardReport
from workflow.research_gate import Honesty

Document = Mapping[str, Any]


def honesty_json(found: Honesty) -> Document:
    """Return one policy's judgement."""
    document = asdict(found)
    verdict = found.verdict
    document["verdict"] = asdict(verdict) | {
        "passed": verdict.passed,
        "eligible_for_live": verdict.eligible_for_live,
        "reasons": verdict.reasons,
    }
    document["data_as_of"] = found.data_as_of
    document["program_version"] = engine_version()
    document["discounts"] = [asdict(row) | {"change": row.change} for row in found.discounts]
    return document


def search_json(report: SearchReport) -> Document:
    """Return a search: every trial, the one that was chosen, and how it is judged."""
    search = report.search
    return {
        "grid": report.size,
        "trials": [_trial(trial) for trial in search.trials],
        "failed": [{"parameters": dict(each.parameters), "reason": each.reason} for each in search.failed],
        "chosen": _trial(report.chosen),
        "trials_in_log": len(report.log.trials),
        "overfitting": _overfitting(report.overfitting),
        "cross_validation": _paths(report.cross, search.periods),
        "honesty": honesty_json(report.honesty),
        "warnings": report.warnings,
    }


def walk_json(report: WalkForwardReport) -> Document:
    """Return a walk-forward: each stretch, what was held on it, and the figures out of sample."""
    search, walk = report.search, report.walk
    annual = search.periods**0.5
    return {
        "anchored": walk.setting.anchored,
        "trials": len(search.trials),
        "stretches": [
            {
                "train": [search.dates[row] for row in each.train],
                "test": [search.dates[row] for row in each.test],
                "chosen": dict(search.trials[each.chosen].parameters),
                "policy_hash": search.trials[each.chosen].policy_hash,
                "sharpe_inside": each.inside * annual,
                "sharpe_outside": each.outside * annual,
                "best_outside": each.best * annual,
            }
            for each in walk.stretches
        ],
        "changes": walk.changes,
        "efficiency": walk.efficiency,
        "outside": {"policy": asdict(report.figures), "mix": asdict(report.mix_figures), "mix_name": search.mix_name},
        "baselines": {name: asdict(figures) for name, figures in report.baselines},
        "returns": [
            {"date": search.dates[row], "policy": value, "mix": float(search.mix[row])}
            for row, value in zip(walk.rows.tolist(), walk.returns(search.returns).tolist(), strict=True)
        ],
        "cross_validation": _paths(report.cross, search.periods),
        "warnings": report.warnings,
    }


def _trial(trial: Trial) -> Document:
    return asdict(trial) | {"parameters": dict(trial.parameters)}


def _overfitting(found: Overfitting | None) -> Document | None:
    if found is None:
        return None
    return {
        "probability": found.probability,
        "loss": found.loss,
        "slope": found.slope,
        "trials": found.trials,
        "blocks": found.blocks,
        "splits": len(found.logits),
    }


def _paths(found: CrossValidation | None, periods: int) -> Document | None:
    if found is None:
        return None
    sharpe = found.sharpe * periods**0.5
    return {
        **asdict(found.setting),
        "splits": len(found.chosen),
        "paths": sharpe.tolist(),
        "median_sharpe": float(np.median(sharpe)),
    }
