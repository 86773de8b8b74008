"""From samples to prompts: core's templates and retrievers."""
