//! Serde for types whose members are checked together once all of them are read.

/// Implements serde's traits for types that derive them with `#[serde(remote = "Self")]` and have a
/// `fn check(&self) -> Result<(), String>`. The derived code reads, `check` judges, and serde still knows the place.
macro_rules! checked {
    ($($name:ident),* $(,)?) => { $(
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                // The derived function, which is not one of the trait.
                let value = Self::deserialize(deserializer)?;
                value.check().map(|()| value).map_err(serde::de::Error::custom)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, serializer)
            }
        }
    )* };
}

pub(crate) use checked;
