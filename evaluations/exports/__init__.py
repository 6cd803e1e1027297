"""What scoring and assessment give out as files."""
