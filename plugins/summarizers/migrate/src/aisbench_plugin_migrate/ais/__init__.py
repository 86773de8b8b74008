"""AISBench and OpenCompass: their configs and command lines."""
