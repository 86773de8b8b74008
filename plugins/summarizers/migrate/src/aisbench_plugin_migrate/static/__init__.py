"""Python files read as data: parsed, never executed."""
