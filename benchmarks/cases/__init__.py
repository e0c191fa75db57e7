"""Benchmark cases: scripts that run under either package and print one JSON line."""
