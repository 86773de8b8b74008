"""Data sets that are declared in a TOML file instead of written in Python.

``offers`` reads what discovery needs, ``declaration`` everything with strict checks, ``rows``
makes samples of rows, ``dataset`` is the data set that core runs.
"""
