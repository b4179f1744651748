"""From a case to a proposal: drift, the mixed-integer program, rounding, audit, explanation."""
