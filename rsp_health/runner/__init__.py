"""The runner: notebooks in processes of their own, truthful ends."""
