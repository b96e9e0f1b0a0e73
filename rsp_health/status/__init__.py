"""Status: the platform's live state, with evidence."""
