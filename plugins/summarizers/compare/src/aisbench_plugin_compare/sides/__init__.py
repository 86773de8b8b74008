"""What is compared, whatever tool made it."""
