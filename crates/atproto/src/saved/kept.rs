//! A session that lives in a file, which several processes use.

use super::SessionFile;
use crate::client::Client;
use crate::credentials::{Answer, Credentials};
use crate::error::{Error, Result};
use crate::network::Network;
use crate::syntax::Did;
use crate::transport::Request;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::sync::{Arc, PoisonError, RwLock};

/// The session of a file. Whatever renews it is written there at once, and what another process has
/// renewed is taken from there: a token that is good for one time is used once, and a session does
/// not end because several processes use it.
#[derive(Debug)]
pub struct KeptSession {
    network: Arc<Network>,
    file: SessionFile,
    did: Did,
    service: String,
    now: RwLock<Now>,
}

/// The session, and as what it is in the file.
#[derive(Clone)]
struct Now {
    credentials: Arc<dyn Credentials>,
    exported: String,
}

impl fmt::Debug for Now {
    /// What is exported is secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Now").field(&self.credentials).finish()
    }
}

impl SessionFile {
    /// Goes on with the session in the file; none if there is no file.
    ///
    /// # Errors
    /// As [`load`](Self::load); [`Error::Syntax`] for a file that holds no session.
    pub fn restore(&self, network: &Arc<Network>) -> Result<Option<Client>> {
        let Some(exported) = self.load()? else { return Ok(None) };
        let restored = Client::restore(Arc::clone(network), &exported).map_err(|error| {
            let path = self.path().display();
            Error::Syntax(format!("{path}: {error}; log out and in again"))
        });
        let credentials = Arc::clone(restored?.credentials());
        let kept = KeptSession {
            network: Arc::clone(network),
            file: self.clone(),
            did: credentials.did().clone(),
            service: credentials.service().to_owned(),
            now: RwLock::new(Now { credentials, exported }),
        };
        Ok(Some(Client::with(Arc::clone(network), Arc::new(kept))))
    }

    fn lock(&self) -> Result<Lock> {
        let mut path = self.path().as_os_str().to_owned();
        path.push(".lock");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        super::for_owner(&mut options);
        let locked = options.open(path).and_then(|file| file.lock().map(|()| Lock(file)));
        let action = || format!("lock the session in {}", self.path().display());
        locked.map_err(|error| Error::io(action(), error))
    }
}

/// Keeps other threads and processes away from a session.
struct Lock(File);

impl Drop for Lock {
    /// A process that was forked meanwhile has the file open too, and must not hold it.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

impl KeptSession {
    /// Uses the session as it is now, and writes down what became of it.
    fn with<T>(&self, act: impl FnOnce(&dyn Credentials) -> Result<T>) -> Result<T> {
        let _alone = self.file.lock()?;
        let is_ours = self.take_over()?;
        let now = self.now();
        let done = act(&*now.credentials);
        let exported = now.credentials.export()?;
        if exported != now.exported {
            if is_ours {
                self.file.save(&exported)?;
            }
            self.set(Now { exported, ..now });
        }
        done
    }

    /// Goes on with what another process has written. Whether the file still is of this account:
    /// somebody may have logged out meanwhile, or in as another.
    fn take_over(&self) -> Result<bool> {
        let Some(exported) = self.file.load()? else { return Ok(false) };
        if exported == self.now().exported {
            return Ok(true);
        }
        let Ok(other) = Client::restore(Arc::clone(&self.network), &exported) else {
            return Ok(false);
        };
        if *other.did() != self.did {
            return Ok(false);
        }
        self.set(Now { credentials: Arc::clone(other.credentials()), exported });
        Ok(true)
    }

    fn now(&self) -> Now {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, now: Now) {
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

impl Credentials for KeptSession {
    fn did(&self) -> &Did {
        &self.did
    }

    fn service(&self) -> &str {
        &self.service
    }

    fn authorize(&self, request: &mut Request) -> Result<()> {
        self.with(|credentials| credentials.authorize(request))
    }

    fn learn(&self, answer: &Answer<'_>) -> Result<bool> {
        // Nothing but a refusal has a session renewed.
        if answer.status < 400 {
            return self.now().credentials.learn(answer);
        }
        self.with(|credentials| credentials.learn(answer))
    }

    fn export(&self) -> Result<String> {
        self.now().credentials.export()
    }

    fn end(&self) -> Result<()> {
        self.now().credentials.end()
    }
}
