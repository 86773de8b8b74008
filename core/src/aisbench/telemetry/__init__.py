"""What a server publishes about itself, beside what the client saw."""
