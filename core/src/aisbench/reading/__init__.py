"""What the text of a model holds besides its answer: reasoning, calls of tools."""
