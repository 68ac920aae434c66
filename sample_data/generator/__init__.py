"""Generator of the invented county: python -m sample_data.generator --out DIR --seed 7."""
