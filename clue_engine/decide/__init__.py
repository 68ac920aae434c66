"""Decide: what a typed condition says of rows: the one evaluator behind scan, rule tests, slips, explanations."""
