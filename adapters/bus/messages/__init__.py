"""Events as CloudEvents: names, envelope, schemas."""
