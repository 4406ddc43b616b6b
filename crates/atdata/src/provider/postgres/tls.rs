//! Encryption, and whom to trust.

use crate::error::{Error, Result};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Who a server may be.
#[derive(Debug)]
pub(super) enum Trust {
    /// Whoever answers, as libpq has it unless told otherwise.
    Anyone,
    /// One with a certificate of the system's authorities.
    System,
    /// One with a certificate of an authority in this file.
    File(PathBuf),
}

impl Trust {
    /// Those in a file, else those of the system.
    pub(super) fn roots(file: Option<String>) -> Self {
        let file = file.filter(|file| file != "system");
        file.map_or(Self::System, |file| Self::File(file.into()))
    }

    /// What makes encrypted connections.
    ///
    /// # Errors
    /// Root certificates that cannot be read.
    pub(super) fn connector(&self) -> Result<MakeRustlsConnect> {
        match self {
            Self::Anyone => anyone(),
            Self::System => system(),
            Self::File(path) => from_file(path),
        }
    }
}

fn anyone() -> Result<MakeRustlsConnect> {
    let verifier = Arc::new(Anyone(Arc::new(ring::default_provider())));
    let config = ClientConfig::builder_with_provider(Arc::clone(&verifier.0))
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(&error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn system() -> Result<MakeRustlsConnect> {
    // The connector takes the provider of the process; one that is there already is as good.
    let _already_there = ring::default_provider().install_default();
    let connector = MakeRustlsConnect::with_native_certs();
    let (connector, _) = connector.map_err(|_| {
        unusable("the system has no root certificates; name a file, sslrootcert=...")
    })?;
    Ok(connector)
}

fn from_file(path: &Path) -> Result<MakeRustlsConnect> {
    let unreadable = |error| Error::io("read", path, io::Error::other(error));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
        roots
            .add(certificate.map_err(unreadable)?)
            .map_err(|error| unusable(&format!("{}: {error}", path.display())))?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(&error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn unusable(why: &str) -> Error {
    Error::Invalid(format!("encryption cannot be set up: {why}"))
}

/// Takes any certificate whose key the server has.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _between: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signed,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signed,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
