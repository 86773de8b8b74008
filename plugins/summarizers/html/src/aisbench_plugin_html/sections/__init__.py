"""What the page says, part by part."""
