"""Results that other tools wrote."""
