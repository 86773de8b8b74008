"""Finding plugins, and making what they offer."""
