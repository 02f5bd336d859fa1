"""Measurements, printed as tables: medians, and ratios against a peer in the same run. `make bench`."""
