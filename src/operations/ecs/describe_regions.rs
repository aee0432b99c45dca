//! `DescribeRegions` of ECS: the regions of the vendor (the SDK's model of 2014-05-26).

use crate::operations::prelude::*;
use crate::operations::regions::REGIONS;

pub(super) static OPERATION: Operation = Operation::of(Product::ECS, "DescribeRegions", run)
    .summary("the regions of the vendor")
    .params(params! {
        Text "AcceptLanguage",
        Text "InstanceChargeType" ignored "every region sells everything",
        Text "ResourceType" ignored "every region sells everything",
    })
    .evidence("part; shape documented, the list is fixed, names in Chinese or else in English, no Status");

fn run(_: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let is_chinese = params.non_empty("AcceptLanguage").is_none_or(|language| language.starts_with("zh"));
    let regions = REGIONS.iter().map(|region| {
        Value::Map(members! {
            "RegionId": region.id,
            "RegionEndpoint": Product::ECS.endpoint(region.id),
            "LocalName": if is_chinese { region.chinese } else { region.english },
        })
    });
    Ok(Value::reply(members! { "Regions": Value::wrapped("Region", regions) }))
}
