"""The composition root: builds everything once, from settings, for a face."""
