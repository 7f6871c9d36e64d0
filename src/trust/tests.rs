//! Tests of signing and verifying, over a store in memory.
