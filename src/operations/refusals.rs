//! The errors for what is not modelled: an operation, a filter.

use super::OPERATIONS;
use crate::domain::{ApiError, Code, Product};

/// Of a product beside Security Center no list of operations is known here, so the message says which are served.
pub(crate) fn not_modelled(product: &Product, action: &str) -> ApiError {
    if product == Product::SAS {
        return Code::NOT_MODELLED.into();
    }
    let served: Vec<&str> =
        OPERATIONS.iter().filter(|row| row.product == product).map(|row| row.name).collect();
    // Clients choose the name; an error must not grow with it.
    let action: String = action.chars().take(80).collect();
    let (name, served) = (product.name, served.join(", "));
    let message =
        format!("sas-emulator does not model {action} of {name}; of this product it serves {served}.");
    ApiError::with_message(Code::NOT_MODELLED, message)
}

/// A filter that would do nothing: a criterion or a parameter of that name.
pub(super) fn not_filtered(what: &str, name: &str, operation: &str) -> ApiError {
    let name: String = name.chars().take(80).collect();
    let message = format!(
        "sas-emulator does not model the {what} {name} of {operation}; assumptions: {{ unknown_criteria: ignore }} \
         leaves it out."
    );
    ApiError::with_message(Code::NOT_MODELLED, message)
}
