//! Scans of container images.

mod scan;

family! {
    describe_image_latest_scan_task
    public_create_image_scan_task
    public_sync_and_create_image_scan_task
}
