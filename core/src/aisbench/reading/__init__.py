"""What the text of a model may hold in addition to its answer: reasoning and tool calls."""
