"""Spectral models: one file for each family of shapes."""
