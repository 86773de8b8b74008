"""What everything stands on: the clock, errors, text that is safe to show."""
