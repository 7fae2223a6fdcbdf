"""Where one can walk: streets as a network of arrays, and what bars or opens them."""
