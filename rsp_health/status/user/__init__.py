"""What the user may do here: login, quota, lab and test bots."""
