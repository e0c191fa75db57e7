"""Makers that measure or model the background."""
