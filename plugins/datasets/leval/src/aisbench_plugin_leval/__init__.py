"""L-Eval, 20 tasks over long documents with its authors' metrics, for aisbench."""

__version__ = "0.1.0"
