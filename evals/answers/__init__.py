"""Questions of a CSM about the scenario, with the mails that answer them."""
