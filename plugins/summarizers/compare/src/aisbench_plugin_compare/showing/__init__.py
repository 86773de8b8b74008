"""A comparison as a reader sees it: terminal, Markdown, JSON."""
