"""What `rsp-health init-repo` writes into a repository."""
