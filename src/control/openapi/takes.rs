//! What a handler takes, as its arguments say: for the description, so that it cannot say anything else.

#[cfg(test)]
pub(in crate::control) use self::described::{Described, ParametersDraft};
#[cfg(not(test))]
pub(in crate::control) use self::program::Described;

/// The program carries no description but the embedded one.
#[cfg(not(test))]
mod program {
    pub(in crate::control) trait Described<T> {}

    impl<H, T> Described<T> for H {}
}

#[cfg(test)]
mod described {
    use axum::Extension;
    use axum::body::Bytes;
    use axum::extract::{Path, Request, State};
    use axum::http::HeaderMap;
    use schemars::generate::SchemaSettings;
    use schemars::{JsonSchema, SchemaGenerator};
    use serde_json::{Value, json};

    use crate::control::events::LastEventId;
    use crate::control::query::{AccountMember, AccountQuery, Conditions, Id, NoQuery, Query};

    /// The parameters of an operation in the making.
    pub(in crate::control) struct ParametersDraft {
        pub(in crate::control) generator: SchemaGenerator,
        pub(in crate::control) parameters: Vec<Value>,
    }

    impl ParametersDraft {
        pub(in crate::control) fn new() -> Self {
            let mut settings = SchemaSettings::draft2020_12();
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
            Self { generator: settings.into_generator(), parameters: Vec::new() }
        }

        fn add(&mut self, place: &str, name: &str, mut schema: Value) {
            let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
            let mut parameter = json!({ "name": name, "in": place, "required": place == "path" });
            if let Some(description) = description {
                parameter["description"] = description;
            }
            parameter["schema"] = schema;
            // A member of its own is no condition.
            self.parameters.retain(|other| place == "path" || other["name"] != name);
            self.parameters.push(parameter);
        }

        fn query<T: JsonSchema>(&mut self) {
            let schema = T::json_schema(&mut self.generator);
            let members = schema.get("properties").and_then(Value::as_object).cloned();
            for (name, mut schema) in members.unwrap_or_default() {
                // In a query, what has no value is left out.
                if let Some(kinds) = schema["type"].as_array().cloned() {
                    schema["type"] = kinds.into_iter().find(|kind| kind != "null").unwrap_or_default();
                }
                if let Some(one) = schema["anyOf"].as_array().and_then(|all| all.first()).cloned() {
                    schema.as_object_mut().unwrap().remove("anyOf");
                    schema.as_object_mut().unwrap().extend(one.as_object().cloned().unwrap_or_default());
                }
                self.add("query", &name, schema);
            }
        }
    }

    /// What an argument of a handler reads.
    pub(super) trait Takes {
        fn describe(_: &mut ParametersDraft) {}
    }

    impl<S> Takes for State<S> {}
    impl<T> Takes for Extension<T> {}
    impl Takes for NoQuery {}
    impl Takes for Bytes {}
    impl Takes for Request {}

    impl Takes for Id {
        fn describe(draft: &mut ParametersDraft) {
            draft.add("path", "{}", json!({ "type": "string", "minLength": 1 }));
        }
    }

    impl Takes for Path<String> {
        fn describe(draft: &mut ParametersDraft) {
            Id::describe(draft);
        }
    }

    impl Takes for Path<(String, String)> {
        fn describe(draft: &mut ParametersDraft) {
            Id::describe(draft);
            Id::describe(draft);
        }
    }

    impl<T: JsonSchema> Takes for Query<T> {
        fn describe(draft: &mut ParametersDraft) {
            draft.query::<T>();
        }
    }

    impl Takes for AccountQuery {
        fn describe(draft: &mut ParametersDraft) {
            draft.query::<AccountMember>();
        }
    }

    impl<T: JsonSchema> Takes for Conditions<T> {
        fn describe(draft: &mut ParametersDraft) {
            for (name, about, pattern) in [
                ("action", "The operation, or a pattern.", ""),
                ("params.NAME", "The value of the parameter NAME, or a pattern.", ""),
                (
                    "status",
                    "`403`, `4xx`, or `none` if the connection was broken.",
                    "^([1-5]([0-9]{2}|xx)|none)$",
                ),
                ("code", "The error code of the response, or a pattern.", ""),
                ("account", "The AccessKeyId.", ""),
                ("fault", "The id of a fault rule that fired, or a pattern.", ""),
                ("fidelity", "How far the response can be trusted.", "^(modelled|scripted|shape)$"),
                ("since", "The number of a call, or a time: only later ones.", ""),
            ] {
                let mut schema = json!({ "description": about, "type": "string" });
                if !pattern.is_empty() {
                    schema["pattern"] = json!(pattern);
                }
                draft.add("query", name, schema);
            }
            draft.query::<T>();
        }
    }

    impl Takes for HeaderMap {}

    impl Takes for LastEventId {
        fn describe(draft: &mut ParametersDraft) {
            let about = "The id of the last event that was seen: the stream continues after it.";
            draft.add(
                "header",
                "Last-Event-ID",
                json!({ "description": about, "type": "string", "pattern": "^[0-9]+$" }),
            );
        }
    }

    /// A handler, with the types of its arguments as axum has them.
    pub(in crate::control) trait Described<T> {
        fn describe(draft: &mut ParametersDraft);
    }

    impl<F, Fut> Described<((),)> for F
    where
        F: FnOnce() -> Fut,
    {
        fn describe(_: &mut ParametersDraft) {}
    }

    macro_rules! described {
        ($($argument:ident)*) => {
            impl<F, Fut, M, $($argument,)*> Described<(M, $($argument,)*)> for F
            where
                F: FnOnce($($argument,)*) -> Fut,
                $($argument: Takes,)*
            {
                fn describe(draft: &mut ParametersDraft) {
                    $($argument::describe(draft);)*
                }
            }
        };
    }
    described! { A }
    described! { A B }
    described! { A B C }
    described! { A B C D }
}
