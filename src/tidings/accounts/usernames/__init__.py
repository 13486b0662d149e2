"""User names: each is somebody's, held for nobody's sake, or free; one place decides which."""
