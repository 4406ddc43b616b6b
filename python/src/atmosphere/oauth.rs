//! Logging in with a browser.

use super::login::open;
use super::{Atmosphere, lexicons};
use crate::errors::raise;
use atdata::atmosphere;
use atdata::atproto::{Client, oauth};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

const BETWEEN_SIGNALS: Duration = Duration::from_millis(100);

/// A login that waits for the user, who has a page to open.
#[pyclass(frozen, module = "atdata._atdata")]
pub(crate) struct BrowserLogin {
    pending: Mutex<Option<oauth::Pending>>,
    url: String,
    network: Arc<atdata::atproto::Network>,
    lexicons: atmosphere::Lexicons,
}

#[pymethods]
impl BrowserLogin {
    /// Begins a login of an account, at a server if one is named.
    #[new]
    #[pyo3(signature = (handle, service, lexicons, /))]
    fn new(py: Python<'_>, handle: &str, service: Option<&str>, lexicons: &str) -> PyResult<Self> {
        let lexicons = self::lexicons(lexicons)?;
        let begin = || -> atdata::Result<_> {
            let network = open(service)?;
            let account = network.identity(handle)?;
            let scopes = atmosphere::scopes(&[lexicons], &["*/*"]);
            let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
            let pds = service.unwrap_or(&account.pds);
            let pending = oauth::begin(&network, pds, &scopes, Some(handle))?;
            Ok((network, pending.expect(account.did)))
        };
        let (network, pending) = py.detach(begin).map_err(|error| raise(py, error))?;
        let url = pending.authorize_url().to_owned();
        Ok(Self { pending: Mutex::new(Some(pending)), url, network, lexicons })
    }

    /// The page to open.
    #[getter]
    fn url(&self) -> &str {
        &self.url
    }

    /// Waits until the user has logged in, for so many seconds.
    #[pyo3(signature = (seconds, /))]
    fn wait(&self, py: Python<'_>, seconds: f64) -> PyResult<Atmosphere> {
        let timeout = Duration::try_from_secs_f64(seconds)
            .map_err(|_| PyValueError::new_err("timeout is a number of seconds, 0 or more"))?;
        let pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner).take();
        let pending = pending.ok_or_else(|| PyValueError::new_err("this login was waited for"))?;
        let waiting = thread::spawn(move || pending.wait(timeout));
        while !waiting.is_finished() {
            py.detach(|| thread::sleep(BETWEEN_SIGNALS));
            // Whoever waits may press Ctrl-C.
            py.check_signals()?;
        }
        let session = waiting.join().unwrap_or_else(|panic| resume_unwind(panic));
        let session = session.map_err(super::network)?;
        let client = Client::with(Arc::clone(&self.network), Arc::new(session));
        let inner = atmosphere::Atmosphere::with_client(Arc::new(client));
        Ok(Atmosphere { inner: inner.with_lexicons(self.lexicons) })
    }
}
