"""Applications of a trained network: upscaling photos, and the demonstration of the article."""
