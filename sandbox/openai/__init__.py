"""A local OpenAI-compatible server with a scripted model: `python -m sandbox openai`."""
