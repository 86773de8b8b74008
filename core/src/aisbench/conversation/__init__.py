"""From rows to requests: data prepared, prompts made, conversations walked, answers read."""
