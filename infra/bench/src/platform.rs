//! A platform for the functions: the embedded database, AWS in front of it, people, and instances on demand.

use std::collections::BTreeMap;

use kernel::Ambient;
use testkit::World;

use crate::{
    Outcome,
    aws::Aws,
    lambda::Instance,
    release,
    stack::{FunctionSpec, Stack},
};

/// Attempts a minute from one address: the bench is one address.
const NO_LIMIT: u32 = 1_000_000;

/// What the stack of the bench is deployed with; the rest are the template's defaults.
pub(crate) fn stack() -> Stack {
    Stack::new([
        // Makes the issuer of tokens that of testkit's.
        ("Stage", "test".to_owned()),
        ("JwtPublicKeys", testkit::world::JWT_PUBLIC_KEYS.to_owned()),
        ("CertificatePublicKeys", testkit::world::JWT_PUBLIC_KEYS.to_owned()),
        ("PublicBaseUrl", testkit::world::BASE_URL.to_owned()),
        ("LoginsPerMinute", NO_LIMIT.to_string()),
    ])
}

/// The platform.
pub(crate) struct Platform {
    pub(crate) world: World,
    pub(crate) aws: Aws,
    functions: Vec<FunctionSpec>,
}

impl Platform {
    /// An empty one, with the functions of the template.
    pub(crate) async fn start(functions: Vec<FunctionSpec>) -> Outcome<Self> {
        let world = World::at(Ambient::system().now()).await;
        let aws = Aws::start(&world.dynamodb_url).await?;
        Ok(Self { world, aws, functions })
    }

    fn function(&self, binary: &str) -> Outcome<&FunctionSpec> {
        let function = self.functions.iter().find(|function| function.binary == binary);
        Ok(function.ok_or_else(|| format!("template.yaml has no function with the binary {binary}"))?)
    }

    /// MB of a function of the template.
    pub(crate) fn memory(&self, binary: &str) -> Outcome<u64> {
        Ok(self.function(binary)?.memory)
    }

    /// An instance of a function of the template.
    pub(crate) async fn instance(&self, binary: &str) -> Outcome<Instance> {
        self.instance_with(binary, &[]).await
    }

    /// An instance of a function with other values of some variables.
    pub(crate) async fn instance_with(&self, binary: &str, more: &[(&str, &str)]) -> Outcome<Instance> {
        let function = self.function(binary)?;
        let mut variables = function.variables.clone();
        variables.extend(self.aws.variables());
        variables.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Instance::start(&release::binary(binary)?, function.memory, &variables).await
    }

    /// An instance of the bare function.
    pub(crate) async fn bare(&self) -> Outcome<Instance> {
        Instance::start(&release::binary(BARE)?, 512, &BTreeMap::new()).await
    }
}

/// The package of the bare function.
pub(crate) const BARE: &str = "bench-bare";

/// CPU of a warm request of the bare function on the machine on which the targets were set. What a function may take is a multiple
/// of it, since absolute times are another machine's.
pub(crate) const BARE_WARM_MS: f64 = 0.114;
