"""What a question asks for, learnt from questions that people wrote."""
