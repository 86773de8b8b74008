"""What dev.py does, in modules; standard library only where it works without an environment."""
