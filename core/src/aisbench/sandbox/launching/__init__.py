"""Building sandboxes and running programs in them. The host starts this as a separate program,
which uses only the standard library and nothing of aisbench, so that it starts fast and sees
little.

There are four processes: the launcher; for each program one that makes the namespaces (or becomes
bubblewrap); the supervisor, process 1 inside, which cannot be killed from inside and whose end
ends all others there; and the program.
"""
