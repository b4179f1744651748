"""Tests of the research on the overlay."""
