"""The data that flows through a run: attrs classes without I/O."""
