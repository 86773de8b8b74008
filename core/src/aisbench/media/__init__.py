"""Files in prompts: pictures, sound, film."""
