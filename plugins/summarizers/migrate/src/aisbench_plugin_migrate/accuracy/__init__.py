"""Tools that evaluate answers: lm-eval and evalscope."""
