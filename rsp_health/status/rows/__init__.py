"""Which rows the table has, from the catalogue and from discovery."""
