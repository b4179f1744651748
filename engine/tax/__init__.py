"""United States federal tax rules for investment lots, each with its citation."""
