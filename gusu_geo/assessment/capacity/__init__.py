"""Whether what is in reach has room: floating catchments of venues and teams."""
