"""What runs in the sandboxes: standard library alone, and nothing of aisbench, for it must start
fast and be as true for another Python. ``program_side`` serves the model's program in one of them,
``tests_side`` runs the tests in the other; ``channel`` is how they talk.
"""
