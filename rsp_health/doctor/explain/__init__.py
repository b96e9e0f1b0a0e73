"""Why did this cell fail: rules as data, and what confirms them."""
