"""The rules and facts of the register: pure, standard library and pydantic only."""
