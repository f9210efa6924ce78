"""The pages: static HTML that works from `file://`, with no request to anywhere."""
