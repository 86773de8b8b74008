"""What all other rooms use: the clock, errors, text that is safe to show."""
