"""An index beside the journals of a run: what finds one of many answers without reading all.

It is made of the journals alone, goes on where it stopped when they grow, and is made anew where
they were changed. Deleting it loses nothing.
"""
