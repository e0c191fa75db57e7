"""Spatial models: one file for each shape."""
