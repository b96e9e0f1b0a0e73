"""Where results go that a site or a user wants elsewhere, too; all opt-in."""
