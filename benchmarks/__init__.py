"""Benchmarks: time, memory and equal results of the engine beside bare readers, hand-written SQL and plain pandas."""
