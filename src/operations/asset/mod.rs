//! Servers and other assets of the account.

family! {
    describe_cloud_center_instances
    get_asset_detail_by_uuid
    refresh_assets
    start_idc_probe_scan
}
