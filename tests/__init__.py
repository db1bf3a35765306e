"""The tests of the register: a package, so that tests/domain does not shadow domain."""
