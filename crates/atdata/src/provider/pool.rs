//! Connections that wait to be used again.

use std::mem;
use std::process;
use std::sync::Mutex;

/// A few connections that nobody is using, of this process.
///
/// No thread ever waits for the pool: one that finds it taken makes a connection of its own, or
/// closes the one it had. So a fork cannot leave a child waiting for a thread that it does not have.
#[derive(Debug)]
pub(crate) struct Pool<C> {
    most: usize,
    idle: Mutex<Idle<C>>,
}

#[derive(Debug)]
struct Idle<C> {
    process: u32,
    connections: Vec<C>,
}

impl<C> Idle<C> {
    /// After a fork, what was inherited is the parent's: to close it would end the parent's session.
    fn own(&mut self) -> &mut Vec<C> {
        if self.process != process::id() {
            self.process = process::id();
            self.connections.drain(..).for_each(mem::forget);
        }
        &mut self.connections
    }
}

impl<C> Pool<C> {
    /// A pool that keeps at most so many.
    pub(crate) fn new(most: usize) -> Self {
        let idle = Idle { process: process::id(), connections: Vec::new() };
        Self { most, idle: Mutex::new(idle) }
    }

    /// A connection, if one is idle.
    pub(crate) fn take(&self) -> Option<C> {
        self.idle.try_lock().ok()?.own().pop()
    }

    /// Keeps a connection for the next one who needs it, or closes it.
    pub(crate) fn give(&self, connection: C) {
        if let Ok(mut idle) = self.idle.try_lock() {
            let idle = idle.own();
            if idle.len() < self.most {
                idle.push(connection);
            }
        }
    }

    /// Closes all that are idle.
    pub(crate) fn clear(&self) {
        if let Ok(mut idle) = self.idle.try_lock() {
            idle.own().clear();
        }
    }
}

impl<C> Drop for Pool<C> {
    fn drop(&mut self) {
        if let Ok(idle) = self.idle.get_mut() {
            idle.own();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    #[test]
    fn it_keeps_a_few() {
        let pool = Pool::new(2);
        (0..3).for_each(|connection| pool.give(connection));
        assert_eq!((pool.take(), pool.take(), pool.take()), (Some(1), Some(0), None));
        pool.give(5);
        pool.clear();
        assert_eq!(pool.take(), None);
    }

    #[test]
    fn what_was_inherited_is_neither_used_nor_closed() {
        let connection = Rc::new(());
        let pool = Pool::new(2);
        pool.give(Rc::clone(&connection));
        pool.idle.lock().unwrap().process += 1;
        assert_eq!(pool.take(), None);
        drop(pool);
        assert_eq!(Rc::strong_count(&connection), 2);
    }
}
