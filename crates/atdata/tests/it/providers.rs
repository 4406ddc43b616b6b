//! Every provider does what the contract says.

use atdata::provider::MemoryProvider;
use atdata::testing::check_provider;
use std::sync::Arc;

#[test]
fn memory_keeps_the_contract() {
    check_provider(&|| Arc::new(MemoryProvider::default()));
}
