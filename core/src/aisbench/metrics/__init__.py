"""Statistics of scores and of times; one file a family, the formula in the docstring."""
