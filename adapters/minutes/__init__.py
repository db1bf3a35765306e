"""Minutes files: YAML with line numbers, mistakes, schema."""
