"""Data sets that are declared in a TOML file instead of written in Python.

What discovery needs: ``offers`` reads a package's files or one of the user's, ``laying`` lays one
over another, ``sources`` lists the files that a declaration is made of.

What a declaration may say: ``declaration``, ``column_keys``, ``row_keys`` are its keys,
``reading`` checks them strictly; ``settings`` is what a suite may set.

From files to samples: ``layout`` finds the files of each part, ``records`` makes rows of them
(``joining`` adds columns of second files), ``rows`` makes samples of rows with the help of
``column`` (paths), ``references``, ``options``, ``texts`` and ``pictures``. ``functions`` finds
functions of the data set's own, ``own_code`` puts them in the places of components, and
``dataset`` is the data set that core runs.
"""
