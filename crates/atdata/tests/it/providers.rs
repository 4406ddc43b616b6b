//! Every provider does what the contract says.

use atdata::provider::MemoryProvider;
use atdata::testing::check_provider;
use std::sync::Arc;

#[test]
fn memory_keeps_the_contract() {
    check_provider(&|| Arc::new(MemoryProvider::default()));
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use super::*;
    use atdata::provider::SqliteProvider;

    #[test]
    fn in_memory_keeps_the_contract() {
        check_provider(&|| Arc::new(SqliteProvider::in_memory().unwrap()));
    }

    #[test]
    fn in_a_file_keeps_the_contract() {
        let folder = tempfile::tempdir().unwrap();
        let number = std::sync::atomic::AtomicUsize::new(0);
        check_provider(&|| {
            let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let path = folder.path().join(format!("new folder {number}/index?.db"));
            Arc::new(SqliteProvider::open(&path).unwrap())
        });
    }
}
