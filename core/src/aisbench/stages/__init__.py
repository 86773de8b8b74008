"""Infer, evaluate, summarize: each stage reads what the one before left in the run directory."""
