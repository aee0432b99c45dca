//! `DescribeEndpoints` of Location: under which host name a product is called in a region (the SDK's model of 2015-06-12).

use crate::domain::product::PRODUCTS;
use crate::operations::prelude::*;
use crate::operations::regions::REGIONS;

/// A key that may use one product only can still find its endpoint, as legacy SDKs do before every first call.
pub(super) static OPERATION: Operation = Operation::of(Product::LOCATION, "DescribeEndpoints", run)
    .summary("the host name of a product in a region")
    .params(params! { Text "Id" required, Text "ServiceCode" required, Text "Type" })
    .unrestricted()
    .evidence("part; shape and two errors known from SDKs, the products that the emulator serves, needs no permission (inferred)");

/// Those that are called through the internet; of others there are none.
const PUBLIC: &str = "openAPI";

fn run(_: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (region, code) = (params.text("Id"), params.text("ServiceCode"));
    if !REGIONS.iter().any(|known| known.id == region) {
        return Err(Code::REGION_UNKNOWN.into());
    }
    // Of a product that is not served, the real endpoint would lead out of the test.
    let product = PRODUCTS.iter().find(|product| product.name.eq_ignore_ascii_case(code));
    let product = product.ok_or(Code::PRODUCT_UNKNOWN)?;
    let kind = params.non_empty("Type").unwrap_or(PUBLIC);
    let endpoint = (kind == PUBLIC).then(|| {
        Value::Map(members! {
            "Endpoint": product.endpoint(region),
            "Id": region.to_owned(),
            "Namespace": "",
            // Spelled so.
            "SerivceCode": code.to_owned(),
            "Type": PUBLIC,
            "Protocols": Value::wrapped("Protocols", ["HTTP", "HTTPS"].map(Value::from)),
        })
    });
    Ok(Value::reply(members! { "Success": true, "Endpoints": Value::wrapped("Endpoint", endpoint) }))
}
