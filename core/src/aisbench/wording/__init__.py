"""Texts in the language of the reader: English stands in the code, others in JSON beside it.

Files that programs read (journals, JSON, CSV, logs) are English always.
"""
