"""Saved prompts: questions that are kept, with places to fill."""
