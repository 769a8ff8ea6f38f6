"""A page in the browser that enlarges pictures: its server for this machine alone, its pictures, and its files."""
