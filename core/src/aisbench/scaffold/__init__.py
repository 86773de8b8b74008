"""What ``aisbench plugins new`` writes: a package, or one file, of every kind of plugin.

``files`` holds the texts, ``kinds`` what each kind needs, ``naming`` makes the names of a name,
``write`` writes.
"""
