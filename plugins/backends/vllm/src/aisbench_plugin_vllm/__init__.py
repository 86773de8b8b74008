"""OpenAI-compatible APIs for aisbench: vLLM, SGLang, MindIE, transformers serve, llama.cpp."""

__version__ = "0.1.0"
