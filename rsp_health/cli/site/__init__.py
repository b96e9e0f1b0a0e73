"""One page about a whole site: services, checks, and what nobody looks at."""
