"""Suites of questions whose answers are scored: one folder a suite with its cases, its task and its scorers."""
