"""Research on the overlay: backtests, their honesty, attribution and costs. Statistics in float64."""
