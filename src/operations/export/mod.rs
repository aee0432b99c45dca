//! Exported reports.

family! {
    describe_vul_export_info
    export_vul
}
