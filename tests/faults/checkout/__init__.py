"""Faults at the system calls of every change to a checkout."""
