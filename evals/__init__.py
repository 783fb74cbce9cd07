"""Suites that score answers."""
