"""What is kept of runs over time: baselines by name, and their history."""
