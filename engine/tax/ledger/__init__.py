"""The ledger: a trade history replayed into open lots and realised gains, with wash sales share for share."""
