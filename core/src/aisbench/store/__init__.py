"""The run directory: the only state, through which the stages talk."""
