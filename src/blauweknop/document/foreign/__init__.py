"""PDF files that others made and signed, read as strictly as files can be that we did not write ourselves."""
