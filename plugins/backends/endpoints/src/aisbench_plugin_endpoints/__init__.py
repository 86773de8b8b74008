"""Endpoints that are no conversation: embeddings, rerank, classification, transcripts."""

__version__ = "0.1.0"
