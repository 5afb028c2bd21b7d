//! Tests of the whole system. `contract` compares its descriptions with each other and needs nothing; the others need a running
//! stack, which `make test-system` starts.

mod contract;
