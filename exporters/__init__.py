"""Writers, the mirror of the importers: one module per output."""
