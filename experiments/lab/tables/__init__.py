"""Tables of results, in text and Markdown."""
