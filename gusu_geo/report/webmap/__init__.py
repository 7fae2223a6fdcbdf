"""The page behind the review map: packing, the offline figure, scripts and vendored assets."""
