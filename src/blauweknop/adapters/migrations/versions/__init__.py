"""One module per step; the revision ids count upwards."""
