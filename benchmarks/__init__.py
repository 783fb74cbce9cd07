"""Measurements that take longer than a test may; docs/benchmarks.md tells what they gave."""
