"""Building sandboxes and running programs in them. Started by the host as a program of its own:
standard library alone, and nothing of aisbench, for it must start fast and see little.

Four processes: the launcher; for each program one that makes the namespaces (or becomes
bubblewrap); the supervisor, process 1 inside, which cannot be killed from inside and whose end is
the end of all others there; the program.
"""
