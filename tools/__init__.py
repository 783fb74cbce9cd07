"""What the model may call: thin adapters that read and draft. Nothing here can send, or leave the caller's workspace."""
