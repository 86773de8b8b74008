"""What runs in the sandboxes: standard library alone, and nothing of aisbench, for it must start
fast and be as true for another Python. ``program`` serves the model's program in one of them,
``judge`` runs the tests in the other; ``wire`` is how they talk.
"""
