"""From requests to responses: HTTP, time-outs, retries, replicas, dispatch."""
