"""The tactical overlay: signals, votes, tilts and the limits around them."""
