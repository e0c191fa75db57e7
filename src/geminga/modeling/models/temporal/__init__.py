"""Temporal models: one file for each shape."""
