"""What core asks of plugins: hooks, and the protocols that their targets implement."""
