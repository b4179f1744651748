"""Allocations by networks that were trained: the optional extra. PyTorch is imported here and nowhere else."""
