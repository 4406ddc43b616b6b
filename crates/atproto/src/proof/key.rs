//! The keys that repositories are signed with.

use super::Checked;
use k256::ecdsa::signature::{Signer, Verifier};

/// How a compressed secp256k1 key begins in a Multikey, and a P-256 key.
const K256: [u8; 2] = [0xe7, 0x01];
const P256: [u8; 2] = [0x80, 0x24];

/// No key is longer in base58; decoding takes time with the square of the length.
const MAX_TEXT: usize = 200;

pub(super) enum PublicKey {
    K256(k256::ecdsa::VerifyingKey),
    P256(p256::ecdsa::VerifyingKey),
}

impl PublicKey {
    /// A Multikey, or an uncompressed point, which lies on one of the two curves only.
    pub(super) fn parse(multibase: &str) -> Checked<Self> {
        let wrong = || "the DID document's signing key is neither secp256k1 nor P-256".to_owned();
        let bytes = base58(multibase).ok_or_else(wrong)?;
        let (k, p) = match bytes.split_first_chunk() {
            Some((&K256, key)) => (key, &[][..]),
            Some((&P256, key)) => (&[][..], key),
            _ => (&bytes[..], &bytes[..]),
        };
        let k = k256::ecdsa::VerifyingKey::from_sec1_bytes(k).map(Self::K256);
        let p = || p256::ecdsa::VerifyingKey::from_sec1_bytes(p).map(Self::P256);
        k.or_else(|_| p()).map_err(|_| wrong())
    }

    /// Checks a signature of 64 bytes, r and s. Of the two that fit, only the one with the lower s is
    /// allowed: otherwise anybody could make a second commit out of one.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Checked<()> {
        let wrong = || "the commit's signature does not fit the DID document's key".to_owned();
        let verified = match self {
            Self::K256(key) => {
                let signature =
                    k256::ecdsa::Signature::from_slice(signature).map_err(|_| wrong())?;
                is_low(signature.normalize_s().is_none())?;
                key.verify(message, &signature)
            }
            Self::P256(key) => {
                let signature =
                    p256::ecdsa::Signature::from_slice(signature).map_err(|_| wrong())?;
                is_low(signature.normalize_s().is_none())?;
                key.verify(message, &signature)
            }
        };
        verified.map_err(|_| wrong())
    }
}

fn is_low(low: bool) -> Checked<()> {
    if low { Ok(()) } else { Err("the commit's signature is in its high-S form".to_owned()) }
}

fn base58(text: &str) -> Option<Vec<u8>> {
    let fits = text.starts_with('z') && text.len() <= MAX_TEXT;
    multibase::decode(text).ok().filter(|_| fits).map(|(_, bytes)| bytes)
}

/// A key that signs a repository.
#[derive(Clone)]
pub(crate) struct SecretKey(k256::ecdsa::SigningKey);

impl SecretKey {
    /// A new one.
    pub(crate) fn generate() -> Self {
        loop {
            let mut bytes = [0; 32];
            let filled = getrandom::fill(&mut bytes);
            assert!(filled.is_ok(), "the operating system has no random numbers");
            // All but a few of the numbers of 256 bits are keys.
            if let Ok(key) = k256::ecdsa::SigningKey::from_slice(&bytes) {
                return Self(key);
            }
        }
    }

    /// The public key, as a DID document has it.
    pub(crate) fn multikey(&self) -> String {
        let point = self.0.verifying_key().to_encoded_point(true);
        multibase::encode(multibase::Base::Base58Btc, [&K256, point.as_bytes()].concat())
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature: k256::ecdsa::Signature = self.0.sign(message);
        signature.normalize_s().unwrap_or(signature).to_bytes().to_vec()
    }
}
