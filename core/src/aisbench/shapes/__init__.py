"""Core's own shapes of load, offered in :mod:`aisbench.builtin` like any plugin's."""
