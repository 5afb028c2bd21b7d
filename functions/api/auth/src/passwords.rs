//! Argon2id (RFC 9106) with the parameters of seed 000.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::{self, SaltString},
};
use domain::identity::normalize_password;
use kernel::{Ambient, Secret};

/// Memory in KiB (seed 000): 64 MiB.
const MEMORY_KIB: u32 = 65_536;
/// Passes over the memory (seed 000).
const PASSES: u32 = 3;
/// Lanes (seed 000).
const LANES: u32 = 1;

/// Hashes and checks passwords. Parameters and salt are part of each hash, so older ones stay valid.
#[derive(Clone)]
pub struct Hasher {
    argon2: Argon2<'static>,
    ambient: Ambient,
    /// A hash that no password has: checking against it costs what a real check costs.
    nobody: Arc<str>,
}

impl Hasher {
    /// With the parameters of seed 000: 140 ms of CPU and 64 MiB for each hash.
    ///
    /// # Errors
    /// None with these parameters; the library returns one.
    pub fn standard(ambient: &Ambient) -> Result<Self, password_hash::Error> {
        Self::with_memory(ambient, MEMORY_KIB)
    }

    /// With less memory, for tests.
    ///
    /// # Errors
    /// When the memory is below Argon2's minimum.
    pub fn with_memory(ambient: &Ambient, kib: u32) -> Result<Self, password_hash::Error> {
        let params = Params::new(kib, PASSES, LANES, Some(32)).map_err(password_hash::Error::from)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        // Random bytes where the hash would be: no password has it, and start-up does not pay for a hash.
        let salt = SaltString::encode_b64(&ambient.random.bytes::<16>())?;
        let output = SaltString::encode_b64(&ambient.random.bytes::<32>())?;
        let nobody = format!("$argon2id$v=19$m={kib},t={PASSES},p={LANES}${salt}${output}").into();
        Ok(Self { argon2, ambient: ambient.clone(), nobody })
    }

    /// The hash of a new password, in PHC format.
    ///
    /// # Errors
    /// When memory can't be had.
    pub fn hash(&self, password: &Secret<String>) -> Result<Secret<String>, password_hash::Error> {
        let salt = SaltString::encode_b64(&self.ambient.random.bytes::<16>())?;
        let password = normalize_password(password.expose());
        Ok(Secret::new(self.argon2.hash_password(password.as_bytes(), &salt)?.to_string()))
    }

    /// Whether the password has this hash. Without a hash, for an account that does not exist, it takes as long and says no.
    pub fn verify(&self, password: &Secret<String>, hash: Option<&Secret<String>>) -> bool {
        let before = cpu_nanoseconds();
        let text = hash.map_or(&*self.nobody, |hash| hash.expose().as_str());
        let password = normalize_password(password.expose());
        let matches = PasswordHash::new(text)
            .is_ok_and(|parsed| self.argon2.verify_password(password.as_bytes(), &parsed).is_ok());
        // What of a login is not Argon2's shows in the same request (`make bench CASE=login`): hashes differ by more than that.
        tracing::debug!(cpu_ns = cpu_nanoseconds() - before, "a password was checked");
        matches && hash.is_some()
    }
}

/// CPU time of this thread so far.
fn cpu_nanoseconds() -> i64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

impl Hasher {
    /// The password hashed with today's parameters, where `stored`, which it fits, has other ones; `None` where it has not.
    ///
    /// # Errors
    /// When memory can't be had.
    pub fn rehash(
        &self,
        password: &Secret<String>,
        stored: &Secret<String>,
    ) -> Result<Option<Secret<String>>, password_hash::Error> {
        let parsed = PasswordHash::new(stored.expose())?;
        let current = self.argon2.params();
        let same = parsed.algorithm == Algorithm::Argon2id.ident()
            && Params::try_from(&parsed).is_ok_and(|params| {
                (params.m_cost(), params.t_cost(), params.p_cost())
                    == (current.m_cost(), current.t_cost(), current.p_cost())
            });
        if same { Ok(None) } else { self.hash(password).map(Some) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_fits_its_password_in_any_composition_and_no_other() {
        let hasher = Hasher::with_memory(&Ambient::system(), 64).unwrap();
        let hash = hasher.hash(&Secret::new("caf\u{e9} au lait".into())).unwrap();
        assert!(hash.expose().starts_with("$argon2id$v=19$m=64,t=3,p=1$"));
        assert!(hasher.verify(&Secret::new("cafe\u{301} au lait".into()), Some(&hash)));
        assert!(!hasher.verify(&Secret::new("cafe au lait".into()), Some(&hash)));
        assert!(!hasher.verify(&Secret::new("café au lait".into()), None));
    }

    #[test]
    fn a_hash_with_other_parameters_is_made_anew() {
        let old = Hasher::with_memory(&Ambient::system(), 32).unwrap();
        let new = Hasher::with_memory(&Ambient::system(), 64).unwrap();
        let password = Secret::new("correct horse battery staple".to_owned());
        let stored = old.hash(&password).unwrap();
        let better = new.rehash(&password, &stored).unwrap().unwrap();
        assert!(new.verify(&password, Some(&better)));
        assert!(new.rehash(&password, &better).unwrap().is_none());
    }

    #[test]
    fn the_standard_parameters_are_those_of_the_design() {
        let hasher = Hasher::standard(&Ambient::system()).unwrap();
        assert!(hasher.nobody.starts_with("$argon2id$v=19$m=65536,t=3,p=1$"));
    }
}
