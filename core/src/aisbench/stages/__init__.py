"""Infer, evaluate, summarize: each reads what the one before left in the run directory."""
