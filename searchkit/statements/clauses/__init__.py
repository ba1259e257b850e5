"""Reports and names in German and French; one set of rules serves both, what differs is data."""
