"""Playbooks: from a symptom, by checks in order, to a verdict."""
