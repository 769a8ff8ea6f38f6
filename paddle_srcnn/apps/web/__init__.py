"""A page in the browser that enlarges pictures: a server for this machine alone, its album of pictures, and its files."""
