"""Tools that send loads: vllm bench, guidellm, aiperf, evalscope perf."""
