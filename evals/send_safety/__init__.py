"""Whatever the model does, nothing leaves without a human: asked of a model that is fully compromised."""
